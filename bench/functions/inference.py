"""
Milliseconds for an image of the built-in function onnx, in the built-in worker, against onnxruntime with one thread.

The time is that of the images between a short and a long run, so that starting the worker does not count. Models: a
LeNet for 28x28 digits, written here with random weights, and the chain of residual blocks of the test's fixtures (32x32).
"""
import importlib.machinery
import importlib.util
import os
import random
import struct
import sys
import time
from types import ModuleType

from figures import Row

ROUNDS = 3


def fixtures() -> ModuleType:
    """test/builtin/test_onnx, which writes models and runs the function: by the built-in worker, when it is asked to."""
    os.environ["TRY_OPTIONS"] = "-n"
    loader = importlib.machinery.SourceFileLoader("test_onnx", "test/builtin/test_onnx")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("test_onnx", loader))
    loader.exec_module(module)
    return module


t = fixtures()


def weights(name: str, *dims: int) -> bytes:
    count = 1
    for d in dims:
        count *= d
    return t.tensor(name, dims, 1, struct.pack(f"<{count}f", *[random.gauss(0, 0.1) for _ in range(count)]))


def lenet() -> bytes:
    layers = [t.node("Conv", "x w1 b1", t.ints("pads", 2, 2, 2, 2), outputs="c1"), t.node("Relu", "c1", outputs="r1"),
              t.node("MaxPool", "r1", t.ints("kernel_shape", 2, 2), t.ints("strides", 2, 2), outputs="p1"),
              t.node("Conv", "p1 w2 b2", outputs="c2"), t.node("Relu", "c2", outputs="r2"),
              t.node("MaxPool", "r2", t.ints("kernel_shape", 2, 2), t.ints("strides", 2, 2), outputs="p2"),
              t.node("Flatten", "p2", outputs="f"), t.node("Gemm", "f w3 b3", outputs="h"), t.node("Relu", "h", outputs="hr"),
              t.node("Gemm", "hr w4 b4", outputs="z"), t.node("Softmax", "z")]
    parts = [weights("w1", 6, 1, 5, 5), weights("b1", 6), weights("w2", 16, 6, 5, 5), weights("b2", 16), weights("w3", 400, 120),
             weights("b3", 120), weights("w4", 120, 10), weights("b4", 10)]
    return t.model(*layers, *parts, dims=(-1, 1, 28, 28))


def ours_ms(model: bytes, item: int, few: int, many: int, *arguments: str) -> float:
    best = float("inf")
    data = random.Random(1).randbytes(1 << 16)
    pixels = [struct.pack(f"<{item}f", *[data[(i + k) % len(data)] / 255 for k in range(item)]) for i in range(4)]
    for _ in range(ROUNDS):
        took = []
        for count in (few, many):
            code, out, words, seconds = t.run(model, b"".join(pixels[i % 4] for i in range(count)), *arguments)
            if code or not out:
                sys.exit("the function failed: " + words)
            took.append(seconds)
        best = min(best, (took[1] - took[0]) * 1e3 / (many - few))
    return best


def theirs_ms(model: bytes, shape: tuple[int, ...], batch: int) -> float:
    import numpy
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    x = {"x": numpy.random.default_rng(1).random((batch, *shape), dtype=numpy.float32)}
    best = float("inf")
    session.run(None, x)
    for _ in range(ROUNDS):
        count, begin = 0, time.monotonic()
        while time.monotonic() < begin + 1:
            session.run(None, x)
            count += batch
        best = min(best, (time.monotonic() - begin) * 1e3 / count)
    return best


def rows(peers: bool = True) -> list[Row]:
    random.seed(7)
    found = []
    models = [("LeNet 28x28", lenet(), (1, 28, 28), 500, 8500, 32), ("residual 32x32", t.fixture("resnet.onnx"), (3, 32, 32), 20, 320, 1)]
    for name, model, shape, few, many, batch in models:
        ours = ours_ms(model, shape[0] * shape[1] * shape[2], few, many, f"batch={batch}")
        theirs = theirs_ms(model, shape, batch) if peers else None
        found.append(Row(f"onnx {name}, an image", ours, "ms", "onnxruntime" if peers else "", theirs))
    return found


def alone() -> list[Row]:
    return rows(peers=False)
