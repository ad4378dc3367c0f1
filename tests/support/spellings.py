"""Ways to write an address that only this machine or its network can reach."""

from __future__ import annotations

__all__ = ["PRIVATE"]

PRIVATE = [
    # this machine
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.0.0.1",
    "0x7f.1", "017700000001", "0177.0.0.1", "0177.1", "127.0x0.0.1", "0", "0.0.0.0", "localhost", "LOCALHOST",
    "localhost.", "a.localhost", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::127.0.0.1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[::ffff:0:127.0.0.1]",
    # IDN: digits and dots that are taken for ASCII, and signs that turn into them
    "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "loc\u00adalhost",
    # through a relay: NAT64, 6to4, Teredo
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::80ff:fffe]",
    # metadata of clouds
    "169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "100.100.100.200",
    "192.0.0.192", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]",
    "[fe80::a9fe:a9fe]",
    # the network around it
    "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "3232235777", "100.64.0.1", "198.18.0.1",
    "[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[fec0::1]", "[::ffff:192.168.1.1]", "[::192.168.1.1]",
    # everybody, nobody, examples
    "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "[ff02::1]", "192.0.2.1", "[2001:db8::1]",
    "[100::1]", "[3fff::1]",
    # a public name before the @ is a user, before a backslash or in a password no host
    "example.com@127.0.0.1", "93.184.215.14@127.0.0.1", "example.com:80@127.0.0.1", "example.com%40@127.0.0.1",
]  # fmt: skip
"""Hosts as they stand in an address, with users before them."""
