"""What is told to whom: the rules that choose channels, and the words of a message. Pure; `slo.channels` sends."""
