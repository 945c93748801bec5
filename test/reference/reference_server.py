"""Answers questions about measures with the reference libraries of each: one JSON document a line in, one out.

Started by reference-process.ts with the environment that requirements.lock makes. Each question is {"op": name, ...}.
"""

import json
import sys
import warnings
from types import SimpleNamespace

warnings.simplefilter("ignore")


def jiwer_counts(process, q):
    import jiwer

    out = getattr(jiwer, process)(q["references"], q["hypotheses"])
    errors = out.substitutions + out.deletions + out.insertions
    return {"errors": errors, "length": out.hits + out.substitutions + out.deletions}


def transposed(references):
    most = max(len(row) for row in references)
    return [[row[k] if k < len(row) else None for row in references] for k in range(most)]


def bleu(q):
    from sacrebleu.metrics import BLEU

    metric = BLEU(tokenize=q["tokenize"], smooth_method=q["smooth"], effective_order=q["effective"], force=True)
    score = metric.corpus_score(q["hypotheses"], transposed(q["references"])).score
    return {"score": score, "signature": str(metric.get_signature())}


def chrf(q):
    from sacrebleu.metrics import CHRF

    metric = CHRF(word_order=q["wordOrder"], beta=q["beta"], eps_smoothing=q["eps"])
    score = metric.corpus_score(q["hypotheses"], transposed(q["references"])).score
    return {"score": score, "signature": str(metric.get_signature())}


def choices(value):
    if isinstance(value, list):
        return [choices(inner) for inner in value]
    if isinstance(value, dict):
        if list(value) == ["$oneOf"]:
            return tuple(choices(inner) for inner in value["$oneOf"])
        return {key: choices(inner) for key, inner in value.items()}
    return value


def anls_star(q):
    from anls_star import anls_score

    references = [choices(json.loads(reference)) for reference in q["references"]]
    return anls_score(references[0] if len(references) == 1 else tuple(references), json.loads(q["prediction"]))


def anls_variant(q):
    """The four definitions, spelled out on rapidfuzz's distance."""
    from rapidfuzz.distance import Levenshtein

    def collapsed(text):
        return " ".join(text.strip().lower().split())

    def similarity(truth, answer):
        raw = max(len(truth.upper()), len(answer.upper()))
        a, b = collapsed(truth), collapsed(answer)
        if q["variant"] == "vlmevalkit_mmlongbench":
            value = 1.0 - (Levenshtein.distance(truth, answer) / raw if raw else 0.0)
            return 0.0 if value <= 0.5 else value
        length = raw if q["variant"] == "lmms_eval" else max(len(a), len(b))
        distance = Levenshtein.distance(a, b) / length if length else 0.0
        if q["variant"] == "paper_strict":
            return 1 - distance if distance < 0.5 else 0.0
        return 0.0 if 1 - distance < 0.5 else 1 - distance

    return max(similarity(truth, q["prediction"]) for truth in q["references"])


def bca(q):
    import numpy as np
    from scipy.stats import bootstrap

    data = np.array(q["data"])
    drawn = SimpleNamespace(bootstrap_distribution=np.array(q["distribution"]))
    result = bootstrap(
        (data,), np.mean, n_resamples=0, method="BCa", confidence_level=q["confidence"], bootstrap_result=drawn, vectorized=True
    )
    return {"low": float(result.confidence_interval.low), "high": float(result.confidence_interval.high)}


def classification(q):
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    truth, labels = q["truth"], q["labels"]
    answer = ["\x00unparsed" if label is None else label for label in q["prediction"]]

    def scores(average):
        return [None if v is None else v for v in precision_recall_fscore_support(
            truth, answer, labels=labels, average=average, zero_division=0
        )[:3]]

    return {
        "accuracy": float(accuracy_score(truth, answer)),
        "confusion": confusion_matrix(truth, answer, labels=labels + ["\x00unparsed"]).tolist()[: len(labels)],
        "classes": [[float(v) for v in row] for row in scores(None)],
        "macro": [float(v) for v in scores("macro")],
        "micro": [float(v) for v in scores("micro")],
        "weighted": [float(v) for v in scores("weighted")],
    }


def auc(q):
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(q["positive"], q["scores"]))


def weighed_classes(q):
    """Averages over classes of a resample, whose copies are weights; an unparsed answer is a label of nobody's."""
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    truth, weights = q["truth"], q["weights"]
    answer = ["\x00unparsed" if label is None else label for label in q["prediction"]]
    drawn = [k for k, weight in enumerate(weights) if weight > 0]
    labels = sorted({truth[k] for k in drawn} | {answer[k] for k in drawn if q["prediction"][k] is not None})

    def scores(average):
        return precision_recall_fscore_support(
            truth, answer, labels=labels, average=average, sample_weight=weights, zero_division=0
        )[:3]

    precision, recall, f1 = scores("macro")
    return {
        "accuracy": float(accuracy_score(truth, answer, sample_weight=weights)),
        "macro-precision": float(precision),
        "macro-recall": float(recall),
        "macro-f1": float(f1),
        "weighted-f1": float(scores("weighted")[2]),
    }


def weighed_auc(q):
    """Mean over the classes that have both sides in the resample."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    truth, weights, scores = np.array(q["truth"]), np.array(q["weights"]), np.array(q["scores"])
    drawn = weights > 0
    areas = []
    for label in range(scores.shape[1]):
        positive = truth[drawn] == label
        if positive.any() and not positive.all():
            areas.append(roc_auc_score(positive, scores[drawn, label], sample_weight=weights[drawn]))
    return float(np.mean(areas)) if areas else None


def macro_auc(q):
    """scikit-learn's own average, for scores that are probabilities and truths that have every class."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(q["truth"], q["scores"], multi_class="ovr", average="macro"))


def spearman(q):
    from scipy.stats import spearmanr

    return float(spearmanr(q["a"], q["b"]).statistic)


def calibration(q):
    import numpy as np

    confidence, right, bins = np.array(q["confidences"]), np.array(q["right"], dtype=float), q["bins"]
    edges = np.arange(1, bins) / bins
    where = np.digitize(confidence, edges, right=True)
    total = 0.0
    for b in range(bins):
        inside = where == b
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(total)


def summary(q):
    import numpy as np

    data = np.array(q["data"])
    return {"mean": float(data.mean()), "sd": float(data.std(ddof=1))}


OPS = {
    "wer": lambda q: jiwer_counts("process_words", q),
    "cer": lambda q: jiwer_counts("process_characters", q),
    "bleu": bleu,
    "chrf": chrf,
    "anls-star-text": anls_star,
    "anls": anls_variant,
    "bca": bca,
    "classification": classification,
    "auc": auc,
    "weighed-classes": weighed_classes,
    "weighed-auc": weighed_auc,
    "macro-auc": macro_auc,
    "spearman": spearman,
    "calibration": calibration,
    "summary": summary,
}

for line in sys.stdin.buffer:
    question = json.loads(line)
    try:
        answer = {"answer": OPS[question["op"]](question)}
    except Exception as error:  # noqa: BLE001 - told to the test, which fails
        answer = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
