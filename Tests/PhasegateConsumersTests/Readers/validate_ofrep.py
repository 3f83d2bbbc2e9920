"""Holds the answers of a server of flags against OFREP's OpenAPI description: validate_ofrep.py DESCRIPTION ADDRESS FLAG

Prints what does not fit, a line each, and ends with 1 if anything does not.
"""

import json
import sys
import urllib.error
import urllib.request

import jsonschema
import yaml

description, address, flag = sys.argv[1:]
with open(description) as file:
    components = yaml.safe_load(file)["components"]
# An answer has to be exactly one of several, and the one without a value, as it is written, is also all of those
# with one: nobody's answers would fit. What it means is said here.
components["schemas"]["codeDefaultFlag"]["not"] = {"required": ["value"]}
one, everything = "/ofrep/v1/evaluate/flags/", "/ofrep/v1/evaluate/flags"
user = '{"context": {"targetingKey": "user-1", "plan": "free"}}'
# Path, body, status and the schema of the answer.
questions = [
    (one + flag, user, 200, "serverEvaluationSuccess"),
    (one + flag, '{"context": {}}', 200, "serverEvaluationSuccess"),
    (one + "nobody", user, 404, "flagNotFound"),
    (one + flag, "no JSON", 400, "evaluationFailure"),
    (everything, user, 200, "bulkEvaluationSuccess"),
    (everything, "no JSON", 400, "bulkEvaluationFailure"),
]
problems = []
for path, body, expected, schema in questions:
    request = urllib.request.Request(address + path, body.encode(), {"Content-Type": "application/json"})
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    what = "%s %s" % (path, body)
    if answer.status != expected:
        problems.append("%s: %d instead of %d" % (what, answer.status, expected))
    validator = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/" + schema, "components": components})
    problems += ["%s: %s" % (what, error.message[:300]) for error in validator.iter_errors(json.load(answer))]
print("\n".join(problems))
sys.exit(1 if problems else 0)
