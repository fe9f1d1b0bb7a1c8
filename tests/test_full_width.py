"""Spaces behind full-width marks go from finished Chinese pages, and nothing else does."""

import pytest

from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.out.full_width import without_gaps


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>得分。 它是</p>", "<p>得分。它是</p>"),
        ('<p><strong>注意。</strong>\n<a href="x">它</a></p>', '<p><strong>注意。</strong><a href="x">它</a></p>'),
        ("<p>见：  <code>a， b</code></p>", "<p>见：<code>a， b</code></p>"),
        ("<p>甲（A） 与乙 （B）</p>", "<p>甲（A）与乙（B）</p>"),
        ("<p>完。 </p> <p>又</p>", "<p>完。 </p> <p>又</p>"),  # nothing follows
        ("<pre>甲。 乙</pre><script>'甲。 乙'</script>", "<pre>甲。 乙</pre><script>'甲。 乙'</script>"),
        ('<a href="x">图（CSV）</a> <a>图</a>', '<a href="x">图（CSV）</a> <a>图</a>'),  # two links side by side
    ],
)
def test_only_spaces_between_parts_of_a_sentence_go(body: str, expected: str) -> None:
    page = "<head><title>问。 答</title></head><body class='x'>{}</body>"

    assert without_gaps(page.format(body), CHINESE) == page.format(expected)
    assert without_gaps(page.format(body), ENGLISH) == page.format(body)
