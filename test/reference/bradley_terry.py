"""Fits Bradley-Terry strengths with choix, one JSON document a line in ({"n", "wins": [[winner, loser, count]]}), one out.

Standard errors come from numpy's pseudo-inverse of the observed information: choix has none. Started by bradley-terry.test.ts.
"""

import json
import sys

import choix
import numpy as np


def fit(n, wins):
    matrix = np.zeros((n, n))
    for winner, loser, count in wins:
        matrix[winner, loser] += count
    params = choix.ilsr_pairwise_dense(matrix, alpha=0.0, max_iter=100_000, tol=1e-13)
    params = params - params.mean()
    games = matrix + matrix.T
    chance = 1 / (1 + np.exp(params[None, :] - params[:, None]))
    curvature = games * chance * (1 - chance)
    information = np.diag(curvature.sum(axis=1)) - curvature
    errors = np.sqrt(np.diag(np.linalg.pinv(information, hermitian=True)))
    return {"log": params.tolist(), "errors": errors.tolist()}


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps(fit(question["n"], question["wins"])), flush=True)
