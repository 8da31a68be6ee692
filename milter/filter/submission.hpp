// SPDX-License-Identifier: Apache-2.0
// Submission: how a message comes in, as Postfix' macros tell at MAIL.
#pragma once

#include "conf/postfix/split_services.hpp"

#include <string>
#include <string_view>

namespace sendconnector::filter {

enum class Place {
    first_pass,  // from a client, or by sendmail(1)
    reinjection, // back from the site's content filter
    listener,    // the split listener: one recipient, expanded, from this Postfix itself
};

// milter_macro_daemon_name of the smtpd(8) services that tell themselves apart; nobody outside can set it.
inline constexpr std::string_view listener_name = conf::postfix::split_daemon_name;
inline constexpr std::string_view reinjection_name = conf::postfix::reinject_daemon_name;

struct Submission {
    Place place = Place::first_pass;
    std::string login = {}; // {auth_authen}; empty: none
    // On the listener: why the peer is not known to be this Postfix; empty when it is.
    std::string stranger = {};
};

} // namespace sendconnector::filter
