# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Brings build dependencies, Postfix and the package onto this machine, and nothing that would change its mail.

apt_get=(apt-get -y --no-install-recommends -o DPkg::Lock::Timeout=120
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

install_everything() {
    export DEBIAN_FRONTEND=noninteractive
    command -v apt-get >/dev/null || give_up "this is no Debian machine: there is no apt-get"
    refuse_when_in_use
    heading "Installation"
    step 300 "$work/update.log" "package lists" apt-get update
    is_installed postfix || prepare_postfix
    step 1800 "$work/packages.log" "Postfix, Python and OpenSSL" \
        "${apt_get[@]}" install --no-upgrade postfix python3 openssl ca-certificates
    copy_checkout
    refuse_removals build-dep "$work/source"
    step 1800 "$work/build-dep.log" "build dependencies" "${apt_get[@]}" build-dep "$work/source"
    # shellcheck disable=SC2016 # expanded by the shell that runs it
    step 3600 "$work/build.log" "build of the package" \
        bash -c 'cd "$1" && exec dpkg-buildpackage -us -uc -b' bash "$work/source"
    local packages=("$work"/sendconnector_*.deb)
    [[ -f ${packages[0]} ]] || give_up "the build left no package in $work"
    step 600 "$work/install.log" "installation of the package" \
        "${apt_get[@]}" install --reinstall "${packages[0]}"
}

# A machine that already sends through sendconnector keeps the package it has.
refuse_when_in_use() {
    local value
    value=$(postconf -h smtpd_milters non_smtpd_milters sender_dependent_default_transport_maps 2>/dev/null) || return 0
    [[ $value != *sendconnector* ]] ||
        give_up "Postfix on this machine uses sendconnector: the package is not replaced. Use --no-install"
}

# refuse_removals APT-ARGUMENT...: nothing this script needs may push out what is there, least of all another MTA.
refuse_removals() {
    local plan removed
    plan=$("${apt_get[@]}" --simulate "$@" 2>&1) || give_up "apt-get cannot do: $*"$'\n'"$plan"
    removed=$(awk '$1 == "Remv" { print $2 }' <<<"$plan" | sort -u | paste -sd' ')
    [[ -z $removed ]] ||
        give_up "this would remove: $removed. Use a machine without another mail system, such as a container"
}

# "No configuration": Postfix gets no main.cf, and does not start.
prepare_postfix() {
    [[ ! -e /etc/postfix/main.cf ]] ||
        give_up "/etc/postfix/main.cf is left from an earlier Postfix, which would start with it: remove or install Postfix first"
    refuse_removals install postfix
    debconf-set-selections <<<"postfix postfix/main_mailer_type select No configuration"
}

# The build happens in a copy: nothing generated in the checkout.
copy_checkout() {
    mkdir "$work/source"
    tar -C "$checkout" --exclude=./.git --exclude='./build*' --exclude='./obj-*' -cf - . | tar -C "$work/source" --no-same-owner -xf -
}

require_programs() {
    local program
    for program in sendconnectord sendconnectorctl postfix postconf python3 openssl; do
        command -v "$program" >/dev/null || give_up "$program is not installed: run without --no-install"
    done
    getent passwd sendconnector >/dev/null ||
        give_up "there is no user sendconnector: run without --no-install"
}
