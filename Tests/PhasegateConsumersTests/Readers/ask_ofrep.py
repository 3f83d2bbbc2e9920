"""Asks a server of flags by OpenFeature's own provider: ask_ofrep.py ADDRESS FLAG USERS [TOKEN]

USERS is a file with a JSON list of targeting keys. Prints one line of JSON: which of them see
the flag where the caller's own default is true, and how many were answered with an error.
"""

import json
import sys
from multiprocessing import Pool

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

address, flag, users, *token = sys.argv[1:]
headers = {"Authorization": "Bearer " + token[0]} if token else {}


def begin():
    api.set_provider(OFREPProvider(address, headers_factory=lambda: headers))


def ask(numbered):
    number, user = numbered
    details = api.get_client().get_boolean_details(flag, True, EvaluationContext(user or None))
    return number, details.value, details.error_code is not None


if __name__ == "__main__":
    with open(users) as file:
        users = json.load(file)
    with Pool(2, begin) as pool:
        answers = pool.map(ask, enumerate(users), chunksize=500)
    exposed = [number for number, value, _ in answers if value]
    print(json.dumps({"exposed": exposed, "errors": sum(failed for _, _, failed in answers)}))
