"""A Flask server that answers questions one at a time, as the reference implementation does it.

``python -m benchmarks.flask_server MODEL PORT``: scikit-learn's TF-IDF and linear SVM, of a pickle
that `benchmarks.service` made, on the development server with threads.
"""

import pickle
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask, jsonify, request


def app_of(model: Any) -> Flask:
    app = Flask(__name__)

    @app.post("/score")
    def score() -> Any:
        began = time.perf_counter()
        scores = model.decision_function([request.json["input"]])[0]
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        rows = [
            [str(model.classes_[place]), str(model.classes_[place]), float(chances[place])]
            for place in np.argsort(-scores)
        ]
        return jsonify(result=[rows, f"Computed in {1e3 * (time.perf_counter() - began):.2f} ms"])

    return app


if __name__ == "__main__":
    # Our own file, made a moment ago.
    app_of(pickle.loads(Path(sys.argv[1]).read_bytes())).run(port=int(sys.argv[2]), threaded=True)
