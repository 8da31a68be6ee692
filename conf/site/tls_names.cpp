// SPDX-License-Identifier: Apache-2.0
#include "conf/site/tls_names.hpp"

#include "conf/plain_text.hpp"
#include "conf/site/site.hpp"
#include "policy/domain.hpp"
#include "policy/tls.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace sendconnector::conf::site {
namespace {

tl::unexpected<Error> several(std::string_view match) {
    return fail(fmt::format("a certificate may have any of the names \"{}\"", escaped(match)),
                "set the one in tls_domain that the smart host's has");
}

Result<std::string> of_recipient(const std::set<std::string>& words, std::string_view match) {
    const bool by_domain =
        words.contains("nexthop") && std::all_of(words.begin(), words.end(), [](const std::string& word) {
            return word == "nexthop" || word == "dot-nexthop";
        });
    if (by_domain)
        return std::string();
    return fail(fmt::format("a certificate must have the name \"{}\", and not that of the recipient's domain",
                            escaped(match)),
                "name smart hosts, or set tls_domain");
}

} // namespace

Result<std::string> tls_domain(std::string_view match, const NextHop* hop) {
    std::string spaced = policy::fold_case(match);
    std::replace(spaced.begin(), spaced.end(), ':', ' ');
    const std::vector<std::string> list = words_of(spaced);
    const std::set<std::string> words(list.begin(), list.end());
    if (hop == nullptr)
        return of_recipient(words, match);
    std::set<std::string> names;
    for (const std::string& word : words) {
        if (word == "hostname" && hop->uses_mx)
            return fail(fmt::format("which name is asked for depends on what servers {} has", hop->text),
                        "set tls_domain");
        if (word == "hostname" || word == "nexthop")
            names.insert(hop->host);
        else if (word == "dot-nexthop")
            names.insert("*." + hop->host);
        else
            names.insert(word.starts_with('.') ? "*" + word : word);
    }
    // The server of a host in brackets is that host: what is below it never comes to be asked.
    if (!hop->uses_mx && names.contains(hop->host))
        names.erase("*." + hop->host);
    if (names.size() != 1)
        return several(match);
    if (const auto domain = policy::TlsDomain::parse(*names.begin()); !domain)
        return tl::unexpected<Error>(domain.error());
    return *names.begin();
}

} // namespace sendconnector::conf::site
