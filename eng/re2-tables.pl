#!/usr/bin/perl
# Writes the Unicode tables of PolicyProxy.Policy.Re2 from Perl's own copy of the Unicode character database.
# Usage: perl eng/re2-tables.pl src/PolicyProxy/Policy/Re2
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap casefold);

my $folder = shift or die "usage: $0 FOLDER\n";
my $version = Unicode::UCD::UnicodeVersion();

sub lines {
    my ($out, $line) = ('', '');
    for my $item (@_) {
        if (length($line) + length($item) > 118) { $out .= "        $line\n"; $line = ''; }
        $line .= $line eq '' ? $item : " $item";
    }
    return $line eq '' ? $out : "$out        $line\n";
}

# 1. Scripts: sorted inclusive ranges, script after script.
my ($starts, $values) = prop_invmap('Script');
my %ranges;
for my $i (0 .. $#$starts) {
    my $last = $i < $#$starts ? $starts->[$i + 1] - 1 : 0x10FFFF;
    next if $values->[$i] eq 'Unknown' || $last > 0x10FFFF;
    push @{ $ranges{$values->[$i]} }, [$starts->[$i], $last];
}
my (@names, @pairs);
for my $name (sort keys %ranges) {
    push @names, sprintf('("%s", %d),', $name, scalar @pairs);
    push @pairs, map { sprintf('0x%X, 0x%X,', @$_) } @{ $ranges{$name} };
}
open my $file, '>', "$folder/ScriptTable.cs" or die $!;
print $file <<"HEAD", lines(@names), <<"MIDDLE", lines(@pairs), <<"TAIL";
namespace PolicyProxy.Policy.Re2;

/// <summary>The scripts of Unicode $version as code point ranges. Written by <c>eng/re2-tables.pl</c>; edit that instead.</summary>
internal static class ScriptTable
{
    /// <summary>Every script by its Unicode name, ordinally sorted, with the index of its first range in <see cref="Ranges"/>.</summary>
    public static readonly (string Name, int First)[] Scripts =
    [
HEAD
    ];

    /// <summary>Inclusive ranges as pairs: first code point, last code point; ascending within a script.</summary>
    public static ReadOnlySpan<int> Ranges =>
    [
MIDDLE
    ];
}
TAIL
close $file;

# 2. Case orbits: code points with the same simple case folding.
my %orbit;
for my $code (0 .. 0x1FFFF) {
    my $fold = casefold($code) or next;
    next if $fold->{simple} eq '';
    my $to = hex $fold->{simple};
    push @{ $orbit{$to} }, $code;
}
my (@twos, @more);
for my $to (sort { $a <=> $b } keys %orbit) {
    my @all = sort { $a <=> $b } $to, grep { $_ != $to } @{ $orbit{$to} };
    if (@all == 2) { push @twos, [@all]; } elsif (@all > 2) { push @more, [@all]; }
}
@twos = sort { $a->[0] <=> $b->[0] } @twos;
my @runs;
for my $two (@twos) {
    my ($lo, $hi) = @$two;
    my $run = (grep { my $r = $_;
        $r->[3] == $hi - $lo && ($r->[2] ? $lo == $r->[1] + $r->[2] : $lo - $r->[1] <= 2) } @runs[($#runs > 3 ? $#runs - 3 : 0) .. $#runs])[0];
    if ($run) { $run->[2] ||= $lo - $run->[1]; $run->[1] = $lo; next; }
    push @runs, [$lo, $lo, 0, $hi - $lo];
}
my @quads = map { sprintf('0x%X, 0x%X, %d, %d,', $_->[0], $_->[1], $_->[2] || 1, $_->[3]) } @runs;
my @orbits = map { join(' ', map { sprintf('0x%X,', $_) } @$_) . ' 0,' } @more;
open $file, '>', "$folder/CaseOrbitTable.cs" or die $!;
print $file <<"HEAD", lines(@quads), <<"MIDDLE", lines(@orbits), <<"TAIL";
namespace PolicyProxy.Policy.Re2;

/// <summary>The simple case foldings of Unicode $version. Written by <c>eng/re2-tables.pl</c>; edit that instead.</summary>
internal static class CaseOrbitTable
{
    /// <summary>Orbits of two, as runs of four numbers: first and last smaller member, step between them, distance to the larger member.</summary>
    public static ReadOnlySpan<int> Pairs =>
    [
HEAD
    ];

    /// <summary>Orbits of three and more, each ascending and ended by 0.</summary>
    public static ReadOnlySpan<int> Larger =>
    [
MIDDLE
    ];
}
TAIL
