"""Storage: every access to DynamoDB and SQS. No other package of `slo` imports pynamodb or boto3.

Each module holds one table or queue; `bodies` splits values larger than an item, `codec` packs them. The package may
import every part of `slo` except `slo.app`. Start reading at `raw`, then `ledgers`.

Tables and keys (H hash, R range; `expires_at` is the TTL attribute, Unix seconds):

    route map       H cluster_id             R {service key}|{namespace}|{name}|{domain}|{path_prefix}   one mapping
                                             LSI by_domain: cluster_id, domain
    catalogue       H cluster_id             R 0 head, -1 its version, else a part       packed Catalogue
    clusters        H cluster_id                                                         last snapshot, watermark, claim
    raw             H cluster_id             R {taken_at in ms}|{pod}                    packed Sample, 48 hours
                    H {cluster_id}#parts     R {taken_at in ms}|{random}                 its parts
                    H {cluster_id}#late      R the same key                              marker of a late sample
                    H {cluster_id}#owed      R {period}|{starts_at}|{domain}             a book that was refused
    ledger          H cluster_id             R {at}                                      packed Ledger, 8/190/400 days
                    H {cluster_id}#parts     R {at}|{generation}|{n}                     its parts
    hourly, daily   H {cluster_id}#{domain}  R starts_at                                 packed Book, 90 and 400 days
    status history  H cluster_id             R at                                        packed StatusBook, 180 days
    (parts of both) H #{range}#{generation}#{hash}  R n                                  parts of a Book or StatusBook
    targets         H cluster_id             R {name}|{domain}|{path_prefix}             one objective
                    H cluster_id             R #exclusion|{id}                           one excluded time
                    H {cluster_id}#objectives  R {changed_at in ms}|{random}             who set what
    tokens          H token_hash                                                         scope and clusters of a token
"""
