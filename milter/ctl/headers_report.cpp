// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_report.hpp"

#include "milter/mail_header/duration.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace sendconnector::ctl {

using mail_header::Hop;
using mail_header::Received;
using mail_header::Weight;

namespace {

constexpr std::size_t shown_at_each_end = 50;

std::string host_text(const std::string& host, const std::string& address) {
    if (address.empty() || host == address || host == "[" + address + "]")
        return host;
    return host.empty() ? fmt::format("[{}]", address) : fmt::format("{} [{}]", host, address);
}

} // namespace

const LeftThrough* HeadersReport::left_at(std::size_t hop) const {
    const auto found = std::ranges::find(left, hop, &LeftThrough::hop);
    return found == left.end() ? nullptr : &*found;
}

std::string connector_names(const LeftThrough& left) {
    std::string names;
    for (std::size_t i = 0; i < left.connectors.size(); ++i)
        names += (i == 0 ? "" : i + 1 == left.connectors.size() ? " or " : ", ") + left.connectors[i]->name;
    return left.is_guess ? "probably " + names : names;
}

std::string client_of(const Received& received) {
    std::string name = received.from;
    if (!received.from_name.empty() &&
        policy::fold_case(received.from_name) != policy::fold_case(received.from))
        name += fmt::format("{}({})", name.empty() ? "" : " ", received.from_name);
    std::string text = host_text(name, received.from_address);
    if (text.empty())
        text = received.note;
    return received.login.empty() ? text : fmt::format("{}, logged in as {}", text, received.login);
}

std::string server_of(const Received& received) {
    return host_text(received.by, received.by_address);
}

std::string protocol_of(const Received& received) {
    if (received.via.empty())
        return received.with;
    return received.with.empty() ? "via " + received.via
                                 : fmt::format("{} via {}", received.with, received.via);
}

std::string tls_of(const Received& received) {
    const mail_header::TlsStatement& tls = received.tls;
    if (!tls.is_encrypted)
        return {};
    if (tls.protocol.empty() && tls.cipher.empty())
        return "yes";
    return tls.protocol + (tls.protocol.empty() || tls.cipher.empty() ? "" : " ") + tls.cipher;
}

std::string field_title(std::string_view key) {
    if (key == "received-spf")
        return "Received-SPF";
    std::string title(key);
    for (std::size_t i = 0; i < title.size(); ++i)
        if ((i == 0 || title[i - 1] == '-') && title[i] >= 'a' && title[i] <= 'z')
            title[i] = static_cast<char>(title[i] - 'a' + 'A');
    return title;
}

std::string delay_of(const Hop& hop) {
    if (!hop.delay)
        return {};
    return (hop.is_skewed() ? "" : "+") + mail_header::duration_text(*hop.delay);
}

std::size_t bar_of(const mail_header::Hops& way, const Hop& hop, std::size_t longest) {
    using std::chrono::seconds;
    seconds most{0};
    for (const Hop& one : way.hops)
        if (one.delay && !one.is_beside_skew)
            most = std::max(most, *one.delay);
    if (!hop.delay || *hop.delay <= seconds(0) || hop.is_beside_skew)
        return 0;
    const auto share = static_cast<double>(hop.delay->count()) / static_cast<double>(most.count());
    return std::clamp<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(longest) + 0.5), 1,
                                   longest);
}

Weight weight_of(std::string_view result) {
    if (result == "pass" || result == "bestguesspass")
        return Weight::good;
    if (result == "fail" || result == "hardfail" || result == "policy" || result == "permerror")
        return Weight::bad;
    if (result == "softfail" || result == "temperror" || result == "softpass")
        return Weight::doubtful;
    return Weight::neutral;
}

std::vector<std::size_t> shown_hops(const mail_header::Hops& way) {
    std::vector<std::size_t> shown(way.hops.size());
    std::iota(shown.begin(), shown.end(), std::size_t{0});
    if (shown.size() > 2 * shown_at_each_end)
        shown.erase(shown.begin() + shown_at_each_end, shown.end() - shown_at_each_end);
    return shown;
}

} // namespace sendconnector::ctl
