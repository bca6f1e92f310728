# The same as exact.awk.
use strict;
use warnings;

my (%tls, %open, %sent);
my $front = qr/(\S+)(?: +(\d+) \S+)? \S+/;    # stamp and host; a traditional stamp has the day apart
while (<>) {
    if (index($_, "connect from ") >= 0) {
        delete $tls{$3} if m{^$front (\S+/smtpd\[\d+\]): connect from };
    } elsif (index($_, " TLS connection established from ") >= 0) {
        $tls{$3} = $4 if m{^$front (\S+/smtpd\[\d+\]): \w+ TLS connection established from \S+: (\S+)};
    } elsif (index($_, ": client=") >= 0) {
        next unless m{^$front (\S+/smtpd\[\d+\]): (\w+): client=\S+\[[^]]+\](?:, sasl_method=\w+, sasl_username=(.*))?};
        if (defined $5) {
            $open{$4} = (defined $2 ? "$1 $2" : substr($1, 0, 10)) . "\t$5\t" . ($tls{$3} // "");
        } else {
            delete $open{$4};
        }
    } elsif (index($_, ": from=<") >= 0) {
        next unless m{^$front \S+/qmgr\[\d+\]: (\w+): from=<};
        if (defined(my $key = delete $open{$3})) { ++$sent{$key} }
    }
}
print "$_\t$sent{$_}\n" for keys %sent;
