"""Two hospitals train a classifier on the rows of both; neither sees the other's.

Inputs a and b: CSV with the same columns, the last one being the class (0: malignant, 1: benign).
Each output gets one JSON object: rows, accuracy (float, on every fifth row, which the training did not see), columns, and the model:
coefficients and intercept of a logistic regression on standardised columns, with their means and scales.
"""
import json

import numpy as np
from sklearn.linear_model import LogisticRegression


def table(path):
    with open(path) as file:
        names = file.readline().strip().split(",")
        return names, np.loadtxt(file, delimiter=",")


def main(inputs, outputs, args):
    tables = [table(inputs[name]) for name in sorted(inputs)]
    names = tables[0][0]
    if any(other != names for other, _ in tables):
        raise ValueError("the hospitals' tables have different columns")
    rows = np.vstack([rows for _, rows in tables])
    # Whose row stands where must not matter: an order that only the values decide.
    rows = rows[np.lexsort(rows.T[::-1])]
    held = np.arange(len(rows)) % 5 == 0
    x, y = rows[:, :-1], rows[:, -1]
    mean, scale = x[~held].mean(axis=0), x[~held].std(axis=0)
    x = (x - mean) / scale
    model = LogisticRegression(max_iter=1000).fit(x[~held], y[~held])
    answer = {
        "rows": len(rows), "accuracy": round(float(model.score(x[held], y[held])), 4), "columns": names[:-1],
        "mean": mean.tolist(), "scale": scale.tolist(), "coefficients": model.coef_[0].tolist(), "intercept": float(model.intercept_[0]),
    }
    for path in outputs.values():
        with open(path, "w") as file:
            json.dump(answer, file)
            file.write("\n")
