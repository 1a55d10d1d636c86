"""ONNX artefacts as this project keeps them: of one opset, and the same wherever they are made."""

import onnx

OPSET = 20


def bare(model: onnx.ModelProto) -> bytes:
    """Write a model without names of files, stack traces and intermediate shapes."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)
