"""What stands beside the pages: search, feeds, citations, data files, the policy, the manifest."""
