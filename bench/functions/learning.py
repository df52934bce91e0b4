"""
Gradient boosting against LightGBM and scikit-learn, logistic regression against scikit-learn, one thread, on the rows and settings of DESIGN 13.

All is CPU time, best of a few. C: build/release/bench/learning, from numbers in memory to the model; so are theirs. worker: gbdt_train in the
built-in worker, 101 rounds less 1, so without reading CSV; with that it is shown as well.
"""
import tempfile
import time
import warnings
from typing import Callable, Iterator

from figures import TRY, Row, cpu_ms, said

BUDGET = 1.3
PROGRAM = "build/release/bench/learning"


def sets() -> Iterator[tuple]:
    """Name, columns, labels, depth."""
    from sklearn import datasets
    yield "iris 150x4", *datasets.load_iris(return_X_y=True), 4
    yield "cancer 569x30", *datasets.load_breast_cancer(return_X_y=True), 4
    yield "20000x30", *datasets.make_classification(20000, 30, n_informative=10, random_state=1), 6
    yield "200000x50", *datasets.make_classification(200000, 50, n_informative=20, random_state=1), 6


def best(fit: Callable, tries: int = 3) -> tuple[float, object]:
    took, model = float("inf"), None
    for _ in range(tries):
        begin = time.process_time()
        model = fit()
        took = min(took, (time.process_time() - begin) * 1e3)
    return took, model


def native(folder: str, x, y, *arguments: object) -> tuple[float, object]:
    """Milliseconds, and how it orders the rows: `arguments` are the method's name, then what it takes."""
    import numpy
    numpy.concatenate([x.ravel(), y]).tofile(f"{folder}/rows")
    method, *rest = map(str, arguments)
    words = said(PROGRAM, method, f"{folder}/rows", *map(str, x.shape), *rest, f"{folder}/scores").split()
    return float(words[-2]), numpy.fromfile(f"{folder}/scores")


def worker(folder: str, x, y, depth: int) -> tuple[float, float]:
    """Milliseconds of 100 rounds, and of the whole with reading."""
    import numpy
    numpy.savetxt(f"{folder}/rows.csv", numpy.column_stack([x, y]), "%.8g", ",", comments="",
                  header=",".join([f"x{i}" for i in range(x.shape[1])] + ["y"]))
    tries = 15 if len(y) < 1000 else 2  # few rows are lost beside starting the workers

    def run(rounds: int) -> float:
        return cpu_ms(TRY, "-n", "-i", f"a={folder}/rows.csv", "-o", f"model={folder}/model", "build/functions/gbdt_train.wasm", "label=y",
                      f"rounds={rounds}", f"depth={depth}", f"leaves={2 ** depth - 1}", "min_rows=5")
    one, most = (min(run(rounds) for _ in range(tries)) for rounds in (1, 101))
    return most - one, most


def boosting(name: str, folder: str, x, y, depth: int) -> list[Row]:
    import lightgbm
    from sklearn import ensemble, metrics
    settings = {"objective": "binary", "num_threads": 1, "verbose": -1, "max_depth": depth, "num_leaves": 2 ** depth - 1, "min_data_in_leaf": 5}
    theirs, model = best(lambda: lightgbm.train(settings, lightgbm.Dataset(x, y), 100))
    other, _ = best(lambda: ensemble.HistGradientBoostingClassifier(
        max_iter=100, max_depth=depth, max_leaf_nodes=2 ** depth - 1, min_samples_leaf=5, early_stopping=False).fit(x, y), 1 if len(y) > 1e5 else 3)
    ours, scores = native(folder, x, y, "gbdt", 100, depth)
    inside, whole = worker(folder, x, y, depth)
    apart = metrics.roc_auc_score(y, model.predict(x)) - metrics.roc_auc_score(y, scores)
    return [Row(f"boosting {name}, C", ours, "ms", "LightGBM", theirs, BUDGET * theirs, f"its AUC less ours {apart:+.4f}"),
            Row(f"boosting {name}, worker", inside, "ms", "LightGBM", theirs, BUDGET * theirs),
            Row(f"boosting {name}, worker", inside, "ms", "scikit-learn's histograms", other),
            Row(f"boosting {name}, worker, with reading", whole, "ms")]


def logistic(name: str, folder: str, x, y) -> list[Row]:
    """Ours ends where the gradient has fallen to 1e-9: newton-cholesky is asked for the same, lbfgs is scikit-learn's default."""
    import numpy
    from sklearn.linear_model import LogisticRegression
    ours, scores = native(folder, x, y, "logistic")
    found = []
    for solver, options in (("newton-cholesky", {"tol": 1e-8}), ("lbfgs", {})):
        theirs, model = best(lambda: LogisticRegression(solver=solver, max_iter=1000, **options).fit(x, y))
        apart = float(numpy.abs(model.predict_proba(x)[:, 1] - scores).max())
        found.append(Row(f"logistic {name}, C", ours, "ms", f"scikit-learn, {solver}", theirs, None, f"at most {apart:.0e} apart"))
    return found


def rows() -> list[Row]:
    import numpy
    warnings.simplefilter("ignore")
    found = []
    for name, x, y, depth in sets():
        x, y = numpy.ascontiguousarray(x, dtype=float), (y > 0).astype(float)
        with tempfile.TemporaryDirectory() as folder:
            found += boosting(name, folder, x, y, depth) + logistic(name, folder, x, y)
    return found


def alone() -> list[Row]:
    return [Row("boosting 20000x30 of its own, C", float(said(PROGRAM).split()[-2]), "ms")]
