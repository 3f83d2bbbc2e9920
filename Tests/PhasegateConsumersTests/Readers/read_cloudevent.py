"""Reads a received request as a CloudEvent with the CloudEvents SDK: read_cloudevent.py REQUEST

REQUEST is a file with a line as receive_http.py prints it.
"""

import json
import sys

from cloudevents.core.bindings.http import HTTPMessage, from_http_event

with open(sys.argv[1]) as file:
    request = json.load(file)
event = from_http_event(HTTPMessage(headers=request["headers"], body=request["body"].encode()))
json.dump({
    "attributes": {name: str(value) for name, value in event.get_attributes().items()},
    "time": event.get_time().timestamp(),
    "data": event.get_data(),
}, sys.stdout)
