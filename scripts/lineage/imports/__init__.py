"""Files that tools of other projects write -> what of them is kept here; their bytes are hostile until read."""
