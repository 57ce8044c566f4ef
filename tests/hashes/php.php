<?php
// The hashes of PHP, for the end-to-end tests; `write` and `check` as in frameworks.py.

$lines = explode("\n", stream_get_contents(STDIN));
$password = $lines[0];
if ($argv[1] === 'write') {
    // WordPress 6.8 prepares the password in this way before PHP's own function.
    $prepared = base64_encode(hash_hmac('sha384', trim($password), 'wp-sha384', true));
    $written = [
        'php default' => password_hash($password, PASSWORD_DEFAULT),
        'php argon2id' => password_hash($password, PASSWORD_ARGON2ID),
        'php argon2i' => password_hash($password, PASSWORD_ARGON2I),
        'php crypt 5' => crypt($password, '$5$' . bin2hex(random_bytes(8))),
        'php crypt 6' => crypt($password, '$6$rounds=8000$' . bin2hex(random_bytes(4))),
        'wordpress\'s form' => '$wp' . password_hash($prepared, PASSWORD_BCRYPT),
        'php md5' => md5($password),
        'php MD5' => strtoupper(md5($password)),
        'php sha1' => sha1($password),
        'php sha384' => hash('sha384', $password),
    ];
    foreach ($written as $writer => $text) {
        echo "$writer\t$text\n";
    }
} elseif (password_verify($password, $lines[1]) && password_get_info($lines[1])['algo'] === 'argon2id') {
    echo "php\n";
}
