// SPDX-License-Identifier: Apache-2.0
// The milter protocol, version 6: numbers and letters as Sendmail's mfdef.h and Postfix' milter8.c have them.
#pragma once

#include <cstdint>

namespace sendconnector::filter::protocol {

constexpr std::uint32_t version = 6;

// What an MTA sends. Every packet is four octets of length, most significant first, and so many octets, the
// first of which is one of these.
enum class Command : char {
    abort = 'A',   // the message is off; no reply
    body = 'B',    // a piece of the body
    connect = 'C', // who is there
    macros = 'D',  // values for the command that follows; no reply
    end_of_message = 'E',
    helo = 'H',
    new_connection = 'K', // the end of this one, on the same socket; no reply
    header = 'L',         // name NUL value NUL
    mail = 'M',           // path NUL, and a string for each ESMTP parameter
    end_of_headers = 'N',
    negotiate = 'O', // version, actions, steps
    quit = 'Q',      // no reply
    rcpt = 'R',      // as mail
    data = 'T',
    unknown = 'U',
};

enum class Reply : char {
    add_rcpt = '+',
    delete_rcpt = '-',
    add_rcpt_with_parameters = '2',
    accept = 'a',
    proceed = 'c',
    insert_header = 'i', // index, name NUL value NUL
    change_header = 'm', // the same; an empty value removes
    negotiate = 'O',     // version, actions, steps; stage and names NUL for each list of macros
    reject = 'r',
    tempfail = 't',
    reply_code = 'y', // "552 5.3.4 Text" NUL
};

// What a filter may do (SMFIF_*).
enum Action : std::uint32_t {
    add_headers = 0x01,
    add_recipients = 0x04,
    delete_recipients = 0x08,
    change_headers = 0x10,
    add_recipients_with_parameters = 0x80,
    choose_macros = 0x100,
};

// What is left out (SMFIP_*).
enum Step : std::uint32_t {
    no_connect = 0x1,
    no_helo = 0x2,
    no_body = 0x10,
    no_headers = 0x20,
    no_end_of_headers = 0x40,
    silent_header = 0x80, // no reply to one
    no_unknown = 0x100,
    no_data = 0x200,
    silent_body = 0x80000,
    leading_space = 0x100000, // a header's value as it stands behind the colon
};

// When macros are sent, as lists of them are numbered (SMFIM_*).
enum class Stage : std::uint32_t {
    connect = 0,
    helo = 1,
    mail = 2,
    rcpt = 3,
    data = 4,
    end_of_message = 5,
    end_of_headers = 6,
};

} // namespace sendconnector::filter::protocol
