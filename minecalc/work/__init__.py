"""Work done by processes of this machine or by the workers of a cluster, with the same answers."""
