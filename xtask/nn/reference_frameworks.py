"""Writes what the Python packages of OpenVINO and LiteRT compute, for tests to compare with.

    python reference_frameworks.py MODELS

`MODELS` is the folder with the unpacked packages, `efficientnet-lite0.onnx`, and the cases that `reference.py` has written.
Its folder `reference` gets, for each case, `CASE.json` and the tensors as raw little-endian numbers; its folder
`openvino` gets EfficientNet in OpenVINO's own format. Needs `ai-edge-litert`, `numpy` and `openvino`.
"""

import json
import pathlib
import sys

import numpy
import openvino
from ai_edge_litert.interpreter import Interpreter

TYPES = {"float32": "f32", "int64": "i64", "int32": "i32"}

# Those of mediapipe's models that OpenVINO cannot read, for the want of operators of mediapipe's own.
NOT_OPENVINO = {"selfie_segmentation", "selfie_segmentation_landscape"}
# And the one that LiteRT cannot run either.
NOBODY = {"face_landmark_with_attention"}


def write(folder, name, model, inputs, outputs):
    description = {"model": model, "inputs": [], "outputs": []}
    for side, tensors in (("inputs", inputs), ("outputs", outputs)):
        for index, (tensor_name, tensor) in enumerate(tensors):
            file = f"{name}.{side}.{index}"
            numpy.ascontiguousarray(tensor).tofile(folder / file)
            description[side].append(
                {"name": tensor_name, "type": TYPES[str(tensor.dtype)], "dimensions": tensor.shape, "file": file}
            )
    (folder / f"{name}.json").write_text(json.dumps(description, indent=1))


def read(folder, name):
    """The inputs of a case."""
    description = json.loads((folder / f"{name}.json").read_text())
    types = {short: long for long, short in TYPES.items()}
    inputs = [
        (tensor["name"], numpy.fromfile(folder / tensor["file"], types[tensor["type"]]).reshape(tensor["dimensions"]))
        for tensor in description["inputs"]
    ]
    return description["model"], inputs


def by_openvino(core, path, inputs):
    compiled = core.compile_model(core.read_model(path), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    results = compiled(dict(inputs))
    return [(port.get_any_name(), results[port]) for port in compiled.outputs]


def by_litert(path, images):
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    for description, (_, image) in zip(interpreter.get_input_details(), images):
        interpreter.set_tensor(description["index"], image)
    interpreter.invoke()
    return [(output["name"], interpreter.get_tensor(output["index"])) for output in interpreter.get_output_details()]


def main(models):
    folder = models / "reference"
    core = openvino.Core()
    for name in ("silero-vad", "efficientnet-coffee"):
        model, inputs = read(folder, name)
        # OpenVINO cannot read the form with branches.
        model = model.replace("silero_vad.onnx", "silero_vad_op18_ifless.onnx")
        write(folder, f"openvino-{name}", model, inputs, by_openvino(core, models / model, inputs))

    representation = models / "openvino"
    representation.mkdir(exist_ok=True)
    model = core.read_model(models / "efficientnet-lite0.onnx")
    openvino.save_model(model, representation / "efficientnet-lite0.xml", compress_to_fp16=False)

    random = numpy.random.default_rng(12)
    for path in sorted(models.glob("mediapipe-*/mediapipe/modules/**/*.tflite")):
        if path.stem in NOBODY:
            continue
        interpreter = Interpreter(str(path))
        images = [
            (description["name"], random.random(description["shape"], "f4"))
            for description in interpreter.get_input_details()
        ]
        model = str(path.relative_to(models))
        write(folder, f"litert-{path.stem}", model, images, by_litert(path, images))
        if path.stem not in NOT_OPENVINO:
            write(folder, f"openvino-{path.stem}", model, images, by_openvino(core, path, images))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]))
