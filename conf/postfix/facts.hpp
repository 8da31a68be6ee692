// SPDX-License-Identifier: Apache-2.0
// Facts: what a Postfix instance's own settings do to messages, as far as the choice of a route depends on
// it.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/instance.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sendconnector::conf::postfix {

// A file as stat(2) shows it: whoever changes it changes this.
struct FileMark {
    std::int64_t size = -1;   // octets; -1: not known
    std::int64_t changed = 0; // nanoseconds since the epoch (st_mtim)
    std::uint64_t inode = 0;
    friend bool operator==(const FileMark&, const FileMark&) = default;
};
FileMark file_mark(const std::string& path);

// A change of a file that is our own: what was known of it by `mark` is still known, unless somebody else had
// changed it before.
class OwnChange {
public:
    OwnChange(FileMark& mark, std::string path);
    OwnChange(const OwnChange&) = delete;
    OwnChange& operator=(const OwnChange&) = delete;
    ~OwnChange() { done(); }
    // Brings the mark up to the file as it is now; whether it could.
    bool done();

private:
    FileMark& m_mark;
    std::string m_path;
    bool m_known;
};

struct ConfigMarks {
    FileMark main_cf;
    FileMark master_cf;
    friend bool operator==(const ConfigMarks&, const ConfigMarks&) = default;
};
ConfigMarks config_marks(const std::string& config_directory);

// The lists are in words for people: "virtual_alias_maps = hash:/etc/x"; what a service of master.cf sets for
// itself with its name in front: "smtp/inet: content_filter = scan:".
struct Facts {
    // What may change, add or redirect recipients after a milter has seen them: alias, Bcc and canonical
    // tables, header and body checks, access tables and policy services, other milters. Empty: every
    // recipient is final.
    std::vector<std::string> expansions;
    std::vector<std::string> sender_rewriting; // what changes the envelope sender after a milter has seen it
    std::vector<std::string> filters;          // content_filter, smtpd_proxy_filter
    std::uint64_t message_size_limit = 10'240'000; // octets; 0: none
    std::string recipient_delimiter;
    bool smtputf8 = false;
    std::string myorigin;
    std::string default_transport;
    std::string relayhost;
    std::string local_transport;
    std::string virtual_transport;
    std::string relay_transport;
    std::uint32_t mail_owner_uid = UINT32_MAX;     // UINT32_MAX: not known
    std::int64_t maximal_queue_lifetime = 432'000; // seconds
    ConfigMarks marks;                             // of the files it was read from
    // False: the lists are guesses. No route may be set by them: a content filter may have to come first.
    bool known = true;

    // Of an instance that nobody has read: suspicious in every respect, so that nothing is believed final.
    static Facts unknown();
    // Whether a recipient may get another address after a milter has seen it, by an alias or canonical table,
    // so that what is said of the address that the client gave may be wrong.
    bool maps_recipients() const;
    // The same but for `marks`.
    bool same_as(const Facts& other) const;
};

// The largest message that Postfix accepts, in octets.
std::uint64_t most_octets(const Facts& facts);
// As main.cf says now. Fails when postconf(1) does.
Result<std::uint64_t> most_octets(const Instance& instance);

// A line for each entry and value, `marks` left out.
std::string to_string(const Facts& facts);

// Takes the marks first: a change while it reads shows in them. Fails when postconf(1) does.
Result<Facts> read_facts(const Configuration& configuration, const Instance& instance);

} // namespace sendconnector::conf::postfix
