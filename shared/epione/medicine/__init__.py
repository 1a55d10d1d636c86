"""The medicine: pure functions over plain values, each rule with its source and release."""
