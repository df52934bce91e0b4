"""The same work in any Python: milliseconds of each piece, best of several. A function for a node; prints by itself elsewhere."""
import hashlib
import json
import sys
import time
import warnings


def best(work, tries=5):
    took = []
    for _ in range(tries):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return min(took) * 1e3


def numbers():
    s = 0
    for i in range(1_000_000):
        s = (s * 31 + i) & 0xffffffff
    return s


def words():
    d = {}
    for i in range(250_000):
        d[str(i % 50000)] = d.get(str(i % 50000), 0) + 1
    return len(d)


def measure():
    text, data = json.dumps([{"id": i, "name": f"u{i}", "v": [i * .5, -i]} for i in range(20000)]), bytes(16 << 20)
    yield "1 M steps of a loop", best(numbers)
    yield "250 k steps with dict and str", best(words)
    yield "json.loads of 20 k objects", best(lambda: json.loads(text))
    for name in ("sha1", "sha256", "sha512"):
        yield f"{name} of 16 MiB", best(lambda: hashlib.new(name, data).digest())
    import numpy
    from sklearn import linear_model
    dice = numpy.random.default_rng(1)
    for size, kind in ((512, "float64"), (1024, "float64"), (512, "float32"), (1024, "float32")):
        a, b = dice.random((size, size)).astype(kind), dice.random((size, size)).astype(kind)
        yield f"matrix product {size}, {kind}", best(lambda: a @ b)
    a = dice.random((512, 512))
    yield "numpy.linalg.solve 512", best(lambda: numpy.linalg.solve(a, a))
    x = dice.normal(size=(20000, 50))
    y = x[:, 0] + x[:, 1] * x[:, 2] > 0
    warnings.simplefilter("ignore")
    yield "scikit-learn's LogisticRegression 20000x50", best(lambda: linear_model.LogisticRegression().fit(x, y))


def write(to):
    for what, ms in measure():
        print(f"{what}|{ms}", file=to, flush=True)


def main(inputs, outputs, args):
    with open(outputs["o"], "w") as to:
        write(to)


if __name__ == "__main__" and sys.platform != "wasi":
    write(sys.stdout)
