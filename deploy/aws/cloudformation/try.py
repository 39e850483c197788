"""Makes every stack of this folder in moto, and says what moto could not make.

It shows that references, conditions and outputs lead where they should. It is no proof that AWS takes the templates: moto knows
no permissions, few limits, and makes much of what AWS would refuse.
"""

import logging
import os
import pathlib
import warnings

import boto3
import yaml
from moto import mock_aws

FOLDER = pathlib.Path(__file__).parent
REGION = "eu-central-1"
IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/mist@sha256:{'0' * 64}"
SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:mist/outside-abcdef"
# What a person gives.
GIVEN = {
    "DomainName": "store.example.com",
    "MailDomain": "example.com",
    "Image": "/mist/image",
    "SecretArn": SECRET,
    "CloudFrontPublicKey": "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
    "AlarmAddress": "boss@example.com",
    "SignIn": "cognito",
}


class Loader(yaml.SafeLoader):
    """Reads the short forms of functions as what they stand for."""


def function(loader, suffix, node):
    read = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda node: loader.construct_sequence(node, deep=True),
        yaml.MappingNode: lambda node: loader.construct_mapping(node, deep=True),
    }
    return {suffix: read[type(node)](node)}


Loader.add_multi_constructor("!", function)


class Stacks:
    """The nested stacks of the root, each made by itself, for moto reads no templates from a folder."""

    def __init__(self):
        self.client = boto3.client("cloudformation", region_name=REGION)
        self.outputs = {}
        self.lacking = set()
        self.given_up = []

    def make(self, name, file, parameters):
        body = (FOLDER / file).read_text()
        document = yaml.load(body, Loader)
        known = document.get("Parameters", {})
        unknown = sorted(set(parameters) - set(known))
        missing = sorted(p for p, about in known.items() if "Default" not in about and p not in parameters)
        if unknown or missing:
            raise SystemExit(f"{file}: unknown parameters {unknown}, missing {missing}")
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                self.client.create_stack(
                    StackName=name,
                    TemplateBody=body,
                    Capabilities=["CAPABILITY_NAMED_IAM"],
                    Parameters=[{"ParameterKey": k, "ParameterValue": str(v)} for k, v in parameters.items()],
                )
                stack = self.client.describe_stacks(StackName=name)["Stacks"][0]
                made = self.client.list_stack_resources(StackName=name)["StackResourceSummaries"]
            # moto's own code gives up on what it does not know.
            except Exception as gap:
                print(f"{file:15} moto gave up: {type(gap).__name__}: {gap}")
                self.given_up.append(file)
                return
        made = {resource["LogicalResourceId"] for resource in made}
        for logical, resource in document["Resources"].items():
            if logical not in made and "Condition" not in resource:
                self.lacking.add(resource["Type"])
        self.lacking.update(word for w in warned for word in str(w.message).split() if word.startswith("AWS::"))
        self.outputs[name] = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
        print(f"{file:15} {stack['StackStatus']}: {len(made)} of {len(document['Resources'])} resources")
        if stack["StackStatus"] != "CREATE_COMPLETE":
            raise SystemExit(f"{file}: {stack.get('StackStatusReason', 'no reason is told')}")


def value(given, outputs, root):
    """What a parameter of a nested stack is, of what the root says of it."""
    if not isinstance(given, dict):
        return given
    ((name, of),) = given.items()
    if name == "Ref":
        return GIVEN.get(of, root["Parameters"].get(of, {}).get("Default"))
    if name == "GetAtt":
        stack, _, output = of.split(".")
        if output not in root_outputs(stack, root):
            raise SystemExit(f"mist.yaml asks {stack} for {output}, which it does not tell")
        return outputs.get(stack, {}).get(output, f"{stack}-{output}")
    if name == "If":
        return value(of[1], outputs, root)
    raise SystemExit(f"mist.yaml: {name} is not understood here")


def root_outputs(stack, root):
    file = root["Resources"][stack]["Properties"]["TemplateURL"]
    return yaml.load((FOLDER / file).read_text(), Loader)["Outputs"]


@mock_aws
def main():
    boto3.client("ssm", region_name=REGION).put_parameter(Name="/mist/image", Type="String", Value=IMAGE)
    certificate = boto3.client("acm", region_name=REGION).request_certificate(DomainName=GIVEN["DomainName"])
    GIVEN["CertificateArn"] = certificate["CertificateArn"]
    root = yaml.load((FOLDER / "mist.yaml").read_text(), Loader)
    stacks = Stacks()
    stacks.make("Pipeline", "pipeline.yaml", {"Repository": "example/mist"})
    for name, nested in root["Resources"].items():
        properties = nested["Properties"]
        given = properties.get("Parameters", {})
        parameters = {key: value(of, stacks.outputs, root) for key, of in given.items()}
        if "Image" in parameters:
            parameters["Image"] = IMAGE
        stacks.make(name, properties["TemplateURL"], parameters)
    print("moto does not know", ", ".join(sorted(stacks.lacking)) or "nothing less")
    print("moto gave up on", ", ".join(stacks.given_up) or "nothing")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    # moto is asked inside this process: nothing leaves it, and no real credentials are looked for.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[name] = "nobody"
    main()
