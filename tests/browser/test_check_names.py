"""Names of tensors mean the same in the browser and in Python: every list under tests/names/, whole and spoilt."""

import math
from dataclasses import asdict, replace
from typing import Any

import pytest
from playwright.sync_api import Page

from lineage.checkpoints.files import CheckpointError, Span
from lineage.checkpoints.names import Part
from lineage.checkpoints.spellings import FLOAT_BITS
from lineage.checkpoints.storage.dtypes import DTYPES
from lineage.checkpoints.tensors import Tensor
from lineage.measuring.plan import Plan, plan_measurement
from name_lists import CASES, Listed, read_list

PLANNED = """async ([tables, tensors, content]) => {
  const { tablesOf } = await import("/assets/js/check/tables.js");
  const { readConfig } = await import("/assets/js/check/config.js");
  const { planMeasurement } = await import("/assets/js/check/plan.js");
  try {
    const plan = planMeasurement(tablesOf(tables), tensors, readConfig(content));
    const parts = plan.wanted.map(({ tensor, parts, plusOne }) => [tensor.name, parts, plusOne]);
    return { ...plan, wanted: parts };
  } catch (fault) {
    if (!fault.said) throw fault;
    return { fault: fault.message };
  }
}"""


def python_tensors(listed: Listed) -> list[Tensor]:
    return [Tensor("m", name, shape, "BF16", Span(0, 2 * math.prod(shape))) for name, shape in listed.shapes.items()]


def in_browser(modules_page: Page, tables: Any, tensors: list[Tensor], content: Any) -> Any:
    named = [
        {"name": one.name, "shape": one.shape, "dtype": one.dtype, "start": one.span.start, "end": one.span.end}
        for one in tensors
    ]
    return modules_page.evaluate(PLANNED, [tables, named, content])


def as_json(part: Part) -> dict[str, Any]:
    found = asdict(part)
    found["rows"] = [list(span) for span in part.rows]
    found["columns"] = [list(span) for span in part.columns]
    return found


def assert_equal(found: Any, plan: Plan) -> None:
    assert "fault" not in found, found
    assert found["family"] == plan.family
    wanted = [[one.tensor.name, [as_json(part) for part in one.parts]] for one in plan.wanted]
    assert [one[:2] for one in found["wanted"]] == wanted
    assert [one[2] for one in found["wanted"]] == [one.tensor.scaling is not None for one in plan.wanted]
    assert found["leftOut"] == list(plan.left_out)
    assert found["partial"] == plan.partial
    assert found["unplaced"] == plan.unplaced
    assert found["coverage"] == [{"role": one.role, "read": one.read, "there": one.there} for one in plan.coverage]


@pytest.mark.parametrize("name", CASES)
def test_a_list_is_understood_as_in_python(modules_page: Page, tables: Any, name: str) -> None:
    listed = read_list(name)
    tensors = python_tensors(listed)

    found = in_browser(modules_page, tables, tensors, listed.settings_as_written)

    assert_equal(found, plan_measurement(tensors, listed.config))


@pytest.mark.parametrize("name", CASES)
def test_a_list_without_its_type_is_understood_or_refused_as_in_python(
    modules_page: Page, tables: Any, name: str
) -> None:
    listed = read_list(name)
    tensors = python_tensors(listed)
    content = {key: value for key, value in listed.settings_as_written.items() if key != "model_type"}
    text = content.get("text_config")
    if isinstance(text, dict):
        content["text_config"] = {key: value for key, value in text.items() if key != "model_type"}
    config = replace(listed.config, model_type="", text_type="")

    found = in_browser(modules_page, tables, tensors, content)

    try:
        plan = plan_measurement(tensors, config)
    except CheckpointError:
        assert "fault" in found
    else:
        assert_equal(found, plan)


@pytest.mark.parametrize("name", CASES)
def test_a_list_without_one_of_its_attention_matrices_is_refused_as_in_python(
    modules_page: Page, tables: Any, name: str
) -> None:
    listed = read_list(name)
    attention = [
        tensor
        for tensor, parts in listed.parts.items()
        if any(part.place.role in ("q", "q_a", "o") and part.place.layer is not None for part in parts)
    ]
    tensors = [one for one in python_tensors(listed) if one.name != attention[-1]]

    found = in_browser(modules_page, tables, tensors, listed.settings_as_written)

    try:
        plan = plan_measurement(tensors, listed.config)
    except CheckpointError:
        assert "fault" in found
    else:
        assert_equal(found, plan)


def test_the_bits_of_every_type_of_number_are_those_of_the_readers() -> None:
    plain = {name: 8 * dtype.block_bytes for name, dtype in DTYPES.items() if dtype.block_numbers == 1}

    assert plain == FLOAT_BITS
