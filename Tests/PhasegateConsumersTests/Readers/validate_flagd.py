"""Holds flagd definition files against flagd's own schemas: validate_flagd.py SCHEMAS FILE..."""

import json
import sys

import jsonschema
from referencing import Registry, Resource

folder, *files = sys.argv[1:]


def load(path):
    with open(path) as file:
        return json.load(file)


flags = load(folder + "/flagd-flags.json")
targeting = load(folder + "/flagd-targeting.json")
registry = Registry().with_resources(
    [
        ("https://flagd.dev/schema/v0/targeting.json", Resource.from_contents(targeting)),
        ("https://flagd.dev/schema/v0/flags.json", Resource.from_contents(flags)),
    ]
)
# By its address, because relative references are resolved against that.
validator = jsonschema.Draft7Validator({"$ref": "https://flagd.dev/schema/v0/flags.json"}, registry=registry)
problems = [
    "%s: %s at %s" % (path.split("/")[-1], error.message[:300], error.json_path)
    for path in files
    for error in validator.iter_errors(load(path))
]
print("\n".join(problems))
sys.exit(1 if problems else 0)
