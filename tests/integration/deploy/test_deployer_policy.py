"""The deployer's policies grant what AWS says is needed to create, update and delete the template's resources."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from lab.cloud.cloudformation import BUDGET, permissions, resources, translated
from lab.paths import ROOT

CORE = ROOT / "deploy" / "deployer-policy.json"
OPTIONS = ROOT / "deploy" / "deployer-policy-options.json"
BOUNDARY = ROOT / "deploy" / "permissions-boundary.json"
OPTIONAL_CONDITIONS = {"HasAlarmEmail", "HasDomain", "HasOperationsDashboard", "HasWaf", "HasZone"}
LARGEST_MANAGED_POLICY = 6144
"""Characters without white space (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

NOT_OURS = {
    r"(amplify|apprunner|appsync|bedrock-agentcore|cognito-idp|ec2|elasticloadbalancing):.*": "other web ACLs",
    r"(elasticfilesystem|s3files|ec2):.*": "functions in a VPC or with a file system",
    r"kms:.*": "keys of one's own; ours are those of the services",
    r"kinesis:.*|firehose:.*|logs:(CreateLogDelivery|Put(Delivery|Resource)Policy|DeleteResourcePolicy)": "streams",
    r"dynamodb:(Scan|Query|\w*Item|ImportTable|DescribeImport|\w*Replica|PutResourcePolicy|DeleteResourcePolicy)": (
        "imports, replicas and resource policies of tables; a deployer never reads data"
    ),
    r"dynamodb:(Enable|Disable|Update)KinesisStreamingDestination": "streams of tables",
    r"iam:(AttachRolePolicy|DeleteRolePermissionsBoundary|CreateServiceLinkedRole)": "managed policies on our roles",
    r"lambda:(GetCodeSigningConfig|(Put|Delete)FunctionCodeSigningConfig)": "signed code",
    r"lambda:(PassCapacityProvider|PutFunctionScalingConfig|AssociateRuntimeAlias|PublishVersion)": "capacity",
    r"lambda:PutRuntimeManagementConfig": "pinned runtimes",
    r"logs:((Put|Delete)(DataProtection|Index)Policy|\w*KmsKey|PutBearerTokenAuthentication)": "masking, indexes, keys",
    r"logs:(CreateLogStream|DescribeLogStreams|PutLogEvents|PutLogGroupDeletionProtection)": "imports' logs",
    r"sns:PutDataProtectionPolicy": "masking",
    r"wafv2:(Put|Get)PermissionPolicy|payments:GetConnectedAccount": "rule groups that are shared or sold",
    r"apigateway:UpdateRestApiPolicy|s3:(GetObjectMetadata|REST.PUT.OBJECT|getObject)": "APIs with a policy or from S3",
}
"""Actions for features that the template does not use: a pattern of the actions, and the features."""

SAMS_OWN = {"cloudformation", "s3", "iam:PassRole", "lambda:GetFunctionConfiguration", "dynamodb:ListTables"}
"""Actions that no resource needs: the SAM CLI does, and `deploy/bring_tables_back.py` finds tables."""


def statements(*files: Path) -> list[dict[str, Any]]:
    return [statement for file in files for statement in json.loads(file.read_text())["Statement"]]


def granted(*files: Path) -> set[str]:
    return {action for statement in statements(*files) for action in statement["Action"]}


def needed(is_wanted: Any) -> set[str]:
    kinds = {resource["Type"] for resource in every_resource() if is_wanted(resource)}
    actions = {action for kind in kinds for action in permissions()[kind]}
    return {action for action in actions if not any(re.fullmatch(pattern, action) for pattern in NOT_OURS)}


def every_resource() -> list[dict[str, Any]]:
    budget = [{**resource, "Condition": "HasAlarmEmail"} for resource in translated(BUDGET).values()]
    return [*resources().values(), *budget]


def is_optional(resource: dict[str, Any]) -> bool:
    return resource.get("Condition") in OPTIONAL_CONDITIONS


def test_the_policy_covers_every_resource_that_a_plain_deployment_makes() -> None:
    assert needed(lambda resource: not is_optional(resource)) <= granted(CORE)


def test_with_the_one_for_options_it_covers_all_resources() -> None:
    assert needed(lambda _: True) <= granted(CORE, OPTIONS)


def test_nothing_is_granted_that_no_resource_needs() -> None:
    asked = needed(lambda _: True)
    surplus = granted(CORE, OPTIONS) - asked
    assert {action for action in surplus if not {action, action.partition(":")[0]} & SAMS_OWN} == set()


def test_what_the_template_does_not_use_is_not_granted() -> None:
    for pattern in NOT_OURS:
        assert not [action for action in granted(CORE, OPTIONS) if re.fullmatch(pattern, action)], pattern


@pytest.mark.parametrize("file", [CORE, OPTIONS, BOUNDARY], ids=lambda file: file.stem)
def test_each_policy_fits_a_managed_policy(file: Path) -> None:
    assert len(re.sub(r"\s", "", file.read_text())) <= LARGEST_MANAGED_POLICY


BROAD = {
    "Templates",
    "QueueToFunctionIsMadeWithoutAnArn",
    "LogsAreListedForAll",
    "TablesAreListedForAll",
    "AlarmsAreListedForAll",
    "DomainRecordIsFollowed",
}
"""Statements whose actions AWS does not limit to a resource, or that only list."""


def test_only_what_cannot_be_narrower_is_granted_on_everything() -> None:
    assert {item["Sid"] for item in statements(CORE, OPTIONS) if "*" in item["Resource"]} == BROAD


def test_the_names_of_a_stack_are_within_what_is_granted() -> None:
    """For kinds whose names begin with the stack's name, with the profiles of samconfig.toml."""
    for statement in statements(CORE):
        for resource in statement["Resource"]:
            if "ingress-slo" in resource:
                pattern = resource.rpartition("ingress-slo")[2]
                assert all(fnmatchcase(rest, pattern) for rest in ("-Anything-1ABC", "-dev-Anything-1ABC")), resource


def test_a_role_is_passed_to_lambda_and_the_scheduler_only() -> None:
    passing = [item for item in statements(CORE, OPTIONS) if "iam:PassRole" in item["Action"]]
    assert [item["Condition"] for item in passing] == [
        {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "scheduler.amazonaws.com"]}}
    ]


def roles() -> dict[str, dict[str, Any]]:
    return {name: item["Properties"] for name, item in resources().items() if item["Type"] == "AWS::IAM::Role"}


def in_roles() -> set[str]:
    """All actions that a role of the template has, with those of an option."""
    given = [item for role in roles().values() for item in role["Policies"]]
    found = set()
    for statement in (one for policy in given for one in policy["PolicyDocument"]["Statement"]):
        actions = statement.get("Fn::If", [None, statement])[1]["Action"]
        found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def test_a_deployer_may_give_a_role_no_more_than_the_boundary() -> None:
    """Whoever may write a role's policy and run code with it has what the role may have."""
    writing = [item for item in statements(CORE) if {"iam:CreateRole", "iam:PutRolePolicy"} & set(item["Action"])]
    (statement,) = writing
    named = f"arn:*:iam::*:policy/ingress-slo-{BOUNDARY.stem}"
    assert statement["Condition"] == {"StringLike": {"iam:PermissionsBoundary": named}}
    may = granted(CORE, OPTIONS)
    assert not {"iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:AttachRolePolicy"} & may


def test_the_boundary_is_what_the_templates_roles_have_on_names_of_ours() -> None:
    assert granted(BOUNDARY) == in_roles()
    broad = [item["Sid"] for item in statements(BOUNDARY) if not all("ingress-slo*" in one for one in item["Resource"])]
    assert broad == [
        "ListOfStreams",
        "MailFromTheAccountsIdentities",
        "OurEventsOnTheAccountsBuses",
        "TracesHaveNoResource",
    ]


@pytest.mark.parametrize("name", roles())
def test_every_role_takes_the_boundary(name: str) -> None:
    given = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
    assert roles()[name]["PermissionsBoundary"] == given
