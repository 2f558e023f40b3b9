"""READS what authors write: YAML with positions, the frozen model made of it, and every fault it holds."""
