"""What an operator must know about: the conditions that open incidents, and the incidents themselves. Pure.

`conditions` says what is wrong in a cluster's figures at one moment, `watch` makes incidents of it over time.
"""
