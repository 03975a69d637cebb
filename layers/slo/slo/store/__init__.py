"""Every access to DynamoDB. Speaks the domain's language; the only package that imports pynamodb.

Tables and keys (H hash, R range; `expires_at` is the TTL attribute, Unix seconds):

    route map   H cluster_id            R {key}|{domain}|{path_prefix}|{rule}   a route under one of its keys
                                        LSI by_domain: cluster_id, domain
    catalogue   H cluster_id            R part: 0 head, else a continuation      packed Catalogue
                                        R -1                                     the head's version alone
    clusters    H cluster_id                                                     last snapshot; watermark and claim
    raw         H cluster_id            R {taken_at in ms}|{pod}                 packed Sample, 48 hours
                H {cluster_id}#late     R the same key                           marker: to be booked though late
    ledger      H cluster_id            R {at}                                   packed Ledger, 8 / 190 / 400 days
                H {cluster_id}#parts    R {at}|{generation}|{n}                  its continuations
    hourly      H {cluster_id}#{domain} R starts_at                              packed Book, 90 days
    daily       H {cluster_id}#{domain} R starts_at                              packed Book, 400 days
    tokens      H token_hash                                                     scopes and clusters of a token

An item holds 400 KB; what is larger goes on in continuations, which are written before the head that names them.
"""
