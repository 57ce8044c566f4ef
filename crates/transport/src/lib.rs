//! What a connection must look like: TLS, HSTS, headers, cookies.
