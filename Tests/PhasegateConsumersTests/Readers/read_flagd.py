"""Follows a definition file with flagd's own provider: read_flagd.py FILE FLAG CONTEXTS

CONTEXTS is a file with a JSON list of evaluation contexts, each a map of attributes.
Whenever the provider has taken over another share, prints a line of JSON with the
share in percent and the positions of the contexts that evaluate to true, though the
caller's own default is true as well.
"""

import json
import os
import sys
import time

from openfeature import api
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext

path, flag, contexts = sys.argv[1:]
with open(contexts) as file:
    contexts = [EvaluationContext(each.pop("targetingKey", None), each) for each in json.load(file)]
api.set_provider(
    FlagdProvider(
        resolver_type=ResolverType.FILE,
        offline_flag_source_path=path,
        deadline_ms=100,
        retry_backoff_ms=100,
    )
)
client = api.get_client()
last = None
while os.getppid() != 1:
    share = client.get_boolean_details(flag, True).flag_metadata.get("sharePercent")
    if share is None or share == last:
        time.sleep(0.02)
        continue
    last = share
    exposed = [n for n, context in enumerate(contexts) if client.get_boolean_value(flag, True, context)]
    print(json.dumps({"share": share, "exposed": exposed}), flush=True)
