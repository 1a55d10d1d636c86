"""Inference: the fold from patients' events to their plans, and the models that it asks."""

import os

# onnxruntime 1.32 sends use data to its maker unless told not to before it is loaded. What a
# hospital computes is nobody's but its own; whoever wants it sent sets the variable to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
