"""The same tables in Python: csv, numpy, scipy and choix on one core. rank_reference.py KIND FOLDER ROWS, started by bench/rank.ts."""

import csv
import json
import os
import resource
import sys
import time

import choix
import numpy as np
from scipy.stats import rankdata


def win_rate(file):
    with open(file, newline="", encoding="utf-8") as lines:
        rows = csv.reader(lines)
        names = next(rows)[1:]
        models, values = [], []
        for row in rows:
            models.append(row[0])
            values.append([float(cell) if cell else np.nan for cell in row[1:]])
    table = np.array(values)
    rates = np.full(table.shape, np.nan)
    for column, name in enumerate(names):
        here = ~np.isnan(table[:, column])
        scores = table[here, column] * (-1 if name == "c1" else 1)
        rates[here, column] = (rankdata(scores) - 1) / (here.sum() - 1)
    return float(np.nanmax(np.nanmean(rates, axis=1)))


def bradley_terry(file):
    numbers, games = {}, {}
    with open(file, newline="", encoding="utf-8") as lines:
        rows = csv.reader(lines)
        next(rows)
        for winner, loser, count in rows:
            pair = (numbers.setdefault(winner, len(numbers)), numbers.setdefault(loser, len(numbers)))
            games[pair] = games.get(pair, 0) + float(count)
    matrix = np.zeros((len(numbers), len(numbers)))
    for (winner, loser), count in games.items():
        matrix[winner, loser] = count
    params = choix.ilsr_pairwise_dense(matrix, max_iter=100_000, tol=1e-12)
    params -= params.mean()
    chance = 1 / (1 + np.exp(params[None, :] - params[:, None]))
    curvature = (matrix + matrix.T) * chance * (1 - chance)
    np.sqrt(np.diag(np.linalg.pinv(np.diag(curvature.sum(axis=1)) - curvature, hermitian=True)))
    return float(np.exp(params.max()))


def vbench_t2v(file, profile):
    groups = profile["groups"]
    totals = []
    with open(file, newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            total = 0.0
            for group in groups:
                score = weights = 0.0
                for name, dimension in group["dimensions"].items():
                    raw = (float(row[name]) - dimension["min"]) / (dimension["max"] - dimension["min"])
                    score += dimension["weight"] * raw
                    weights += dimension["weight"]
                total += group["weight"] * score / weights
            totals.append((row["model"], total / sum(group["weight"] for group in groups)))
    return totals[0][1]


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


kind, folder, rows = sys.argv[1:4]
if kind == "vbench-t2v":
    with open(os.path.join(folder, "profile.json"), encoding="utf-8") as text:
        profile = json.load(text)
    read = lambda file: vbench_t2v(file, profile)  # noqa: E731
else:
    read = {"win-rate": win_rate, "bradley-terry": bradley_terry}[kind]
read(os.path.join(folder, f"{kind}-small.csv"))
base = peak_mib()
started = time.process_time()
figure = read(os.path.join(folder, f"{kind}.csv"))
print(json.dumps({"rows": int(rows), "figure": figure, "seconds": time.process_time() - started, "baseMiB": base, "peakMiB": peak_mib()}))
