"""Addresses and secrets of channels, as SecureString parameters of SSM: `/{stack}/channels/{name}`."""

from typing import Any

import boto3
from botocore.exceptions import ClientError

from slo.notifications import channel_settings
from slo.notifications.channel_settings import ChannelSettings
from slo.notifications.settings import ChannelKind


class ChannelSecrets:
    """The settings of all channels of a stack. They are encrypted with AWS's own key for SSM, which costs nothing."""

    def __init__(self, stack_name: str, client: Any = None) -> None:
        self._stack_name = stack_name
        self._client = client or boto3.client("ssm")

    def get(self, name: str, kind: ChannelKind) -> ChannelSettings | None:
        """The settings of a channel; None if there are none. Raises UnprocessableError if they are another kind's."""
        try:
            answer = self._client.get_parameter(Name=self._path(name), WithDecryption=True)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise
        return channel_settings.decode(kind, answer["Parameter"]["Value"])

    def put(self, name: str, settings: ChannelSettings) -> None:
        """Set or replace the settings of a channel."""
        text = channel_settings.encode(settings)
        self._client.put_parameter(Name=self._path(name), Value=text, Type="SecureString", Overwrite=True)

    def delete(self, name: str) -> None:
        """Delete the settings of a channel, if there are any."""
        try:
            self._client.delete_parameter(Name=self._path(name))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise

    def _path(self, name: str) -> str:
        return f"/{self._stack_name}/channels/{name}"
