"""Writes what the frameworks' own Python packages compute, for tests to compare with.

    python -m pip install ai-edge-litert==2.3.0 numpy onnxruntime==1.31.1 openvino==2026.4.1
    python reference.py MODELS plugins/nn/core/tests/models/reference.json

`MODELS` is the folder that `cargo xtask test` makes, whose folder `inputs` has what the models are given. Tests do not run
this: what it wrote is kept, since it is small. Of each output it has the name, the type, the dimensions, the mean, and
numbers at places spread evenly over it.
"""

import json
import pathlib
import sys

import numpy
import onnxruntime
import openvino
from ai_edge_litert.interpreter import Interpreter

TYPES = {"float32": "f32", "int64": "i64", "int32": "i32"}
COUNT = 24

# What OpenVINO cannot read: branches, and operators of mediapipe's own.
NOT_OPENVINO = {"silero-vad", "selfie_segmentation", "selfie_segmentation_landscape"}


def inputs(folder, description):
    types = {short: long for long, short in TYPES.items()}
    for tensor in description["inputs"]:
        numbers = numpy.fromfile(folder / tensor["file"], types[tensor["type"]])
        yield tensor["name"], numbers.reshape(tensor["dimensions"])


def by_onnxruntime(path, tensors):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    names = [output.name for output in session.get_outputs()]
    return list(zip(names, session.run(None, dict(tensors))))


def by_openvino(core, path, tensors):
    compiled = core.compile_model(core.read_model(path), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    results = compiled(dict(tensors))
    return [(port.get_any_name(), results[port]) for port in compiled.outputs]


def by_litert(path, tensors):
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    for description, (name, tensor) in zip(interpreter.get_input_details(), tensors, strict=True):
        assert description["name"] == name
        interpreter.set_tensor(description["index"], tensor)
    interpreter.invoke()
    return [(output["name"], interpreter.get_tensor(output["index"])) for output in interpreter.get_output_details()]


def shortened(outputs):
    for name, tensor in outputs:
        numbers = tensor.reshape(-1)
        count = min(COUNT, len(numbers))
        places = [len(numbers) * index // count for index in range(count)]
        yield {
            "name": name,
            "type": TYPES[str(tensor.dtype)],
            "dimensions": tensor.shape,
            "mean": float(f"{numbers.mean(dtype='f8'):.7g}"),
            "numbers": [float(f"{numbers[place]:.7g}") for place in places],
        }


def main(models, place):
    onnxruntime.set_default_logger_severity(3)
    core = openvino.Core()
    result = {}
    for path in sorted((models / "inputs").glob("*.json")):
        case = path.stem
        description = json.loads(path.read_text())
        model = models / description["model"]
        tensors = list(inputs(path.parent, description))
        by = {}
        if model.suffix == ".onnx":
            by["onnxruntime"] = by_onnxruntime(model, tensors)
        else:
            by["litert"] = by_litert(model, tensors)
        if model.suffix == ".tflite" or case.startswith(("efficientnet", "silero")):
            if case not in NOT_OPENVINO:
                by["openvino"] = by_openvino(core, model, tensors)
        result[case] = {framework: list(shortened(outputs)) for framework, outputs in by.items()}
    lines = [f" {json.dumps(case)}: {json.dumps(outputs)}" for case, outputs in result.items()]
    place.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
