"""The page where a reader checks a model of their own in the browser, and what it reads beforehand."""
