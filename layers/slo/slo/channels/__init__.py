"""How each kind of channel is told: one module for each, with a function `send`.

`send` returns once the receiver has the message. Otherwise it raises one of `slo.channels.failures`, whose words name
no address and no secret. Only these modules talk to others, by `outside` or by boto3. Begin with `senders`.
"""
