"""What a change would do: to the record, and to what readers see."""
