"""Pages as a browser shows them; run by hand or by ``.ci/pages``, for it takes a browser."""
