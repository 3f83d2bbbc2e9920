"""Verifies a received request with the standardwebhooks library: verify_webhook.py SECRET REQUEST

REQUEST is a file with a line as receive_http.py prints it. Ends with 1 when the signature is not right.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

with open(sys.argv[2]) as file:
    request = json.load(file)
try:
    json.dump(Webhook(sys.argv[1]).verify(request["body"], request["headers"]), sys.stdout)
except WebhookVerificationError as problem:
    sys.exit(f"refused: {problem}")
