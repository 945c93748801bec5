"""The same files through the Python library of each metric: `NAME SMALL LARGE`, prints what text-metrics-child.ts prints. No intervals."""

import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")
name, small, large = sys.argv[1:4]


def rows(path):
    with open(path, encoding="utf-8") as lines:
        loaded = [json.loads(line) for line in lines]
    return [row["prediction"] for row in loaded], [row["references"] for row in loaded]


def wer(path):
    import jiwer

    predictions, references = rows(path)
    return jiwer.wer([each[0] for each in references], predictions)


def cer(path):
    import jiwer

    predictions, references = rows(path)
    return jiwer.cer([each[0] for each in references], predictions)


def rapidfuzz_cer(path):
    """The fastest that Python can do: no normalisation, one call into C++ a row."""
    from rapidfuzz.distance import Levenshtein

    predictions, references = rows(path)
    errors = sum(Levenshtein.distance(r[0].strip(), p.strip()) for p, r in zip(predictions, references))
    return errors / sum(len(each[0].strip()) for each in references)


def bleu(path):
    from sacrebleu.metrics import BLEU

    predictions, references = rows(path)
    return BLEU(force=True).corpus_score(predictions, [[each[0] for each in references]]).score


def chrf(path):
    from sacrebleu.metrics import CHRF

    predictions, references = rows(path)
    return CHRF().corpus_score(predictions, [[each[0] for each in references]]).score


def anls_star(path):
    from anls_star import anls_score

    predictions, references = rows(path)
    return sum(anls_score(r[0], p) for p, r in zip(predictions, references)) / len(predictions)


def exact(path):
    predictions, references = rows(path)
    return sum(p == r[0] for p, r in zip(predictions, references)) / len(predictions)


def stats(path):
    import numpy as np

    data = np.fromfile(path, sep="\n")
    data.sort()
    return float(data.mean() + data[int(len(data) * 0.99)])


MEASURES = {
    "wer": wer, "cer": cer, "rapidfuzz-cer": rapidfuzz_cer, "bleu": bleu, "chrf": chrf,
    "anls-star": anls_star, "anls": anls_star, "exact": exact, "stats": stats,
}


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


measure = MEASURES[name]
measure(small)
base = peak_mib()
started = time.perf_counter()
value = measure(large)
print(json.dumps({"value": value, "seconds": time.perf_counter() - started, "baseMiB": base, "peakMiB": peak_mib()}))
