// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "milter/ctl/certificate_words.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/tls_words.hpp"
#include "milter/ctl/validation_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

constexpr std::string_view address_indent = "    ";
constexpr std::string_view fact_indent = "      ";
constexpr std::size_t name_width = 10; // "Revocation"

// Facts by name; further lines of one fact stand below its first.
class Facts {
public:
    void add(std::string_view name, std::string_view line) {
        m_text += fmt::format("{}{:<{}} {} {}\n", fact_indent, name == m_last ? "" : name, name_width,
                              name == m_last ? " " : ":", line);
        m_last = name;
    }
    void add(std::string_view name, const std::vector<std::string>& lines) {
        for (const std::string& line : lines)
            add(name, line);
    }
    const std::string& text() const { return m_text; }

private:
    std::string m_text;
    std::string m_last;
};

void add_certificate(Facts& facts, const starttls::AddressReport& address, std::chrono::sys_seconds now,
                     const Paint& paint) {
    facts.add("Chain", draw_chain(address, now, paint));
    if (const std::vector<std::string> others = not_in_chain(address); !others.empty())
        facts.add("Also sent", conf::escaped(fmt::format("{}", fmt::join(others, "; "))));
    const std::vector<policy::Certificate> chain = chain_of(address);
    if (chain.empty())
        return;
    std::vector<std::string> names = chain.front().dns_names();
    for (const std::string& ip : chain.front().ip_addresses())
        names.push_back(ip);
    facts.add("Names", names.empty() ? "none (subjectAltName is missing)"
                                     : conf::escaped(fmt::format("{}", fmt::join(names, ", "))));
    facts.add("Expires", fmt::format("{}, {}", date_of(chain.front().not_after()),
                                     days_left(now, chain.front().not_after())));
}

void add_verdict(Facts& facts, const starttls::AddressReport& address, const Judged& judged,
                 const Paint& paint) {
    if (!address.verdict) {
        facts.add("Verdict", paint(colour_of(judged.result),
                                   judged.reason.empty() ? "passes" : conf::escaped(judged.reason)));
        if (!judged.advice.empty())
            facts.add("To do", conf::escaped(judged.advice));
        return;
    }
    facts.add("Revocation", revocation_lines(*address.verdict, paint));
    for (const policy::CertificateFlaw& flaw : address.verdict->flaws) {
        const std::string about =
            flaw.certificate.empty() ? std::string() : fmt::format(" ({})", flaw.certificate);
        facts.add("Verdict", paint(Colour::bad, conf::escaped(fmt::format("{}: {}{}", to_string(flaw.reason),
                                                                          flaw.text, about))));
    }
    if (address.verdict->accepted() && judged.result == HopResult::passes)
        facts.add("Verdict", paint(Colour::good, "accepted") + ", counts until " +
                                 moment_of(address.verdict->good_until));
    else if (address.verdict->accepted())
        facts.add("Verdict", paint(colour_of(judged.result), conf::escaped(judged.reason)));
    for (const policy::CertificateFlaw& flaw : address.verdict->flaws)
        if (!flaw.advice.empty())
            facts.add("To do", conf::escaped(flaw.advice));
}

std::string text_of(const starttls::AddressReport& address, const Judged& judged,
                    std::chrono::sys_seconds now, const Paint& paint) {
    const starttls::ProbeResult& probe = address.probe;
    Facts facts;
    if (!probe.greeting.empty())
        facts.add("Greeting", conf::escaped(probe.greeting));
    if (!probe.ehlo.empty())
        facts.add("EHLO", conf::escaped(fmt::format("{}", fmt::join(probe.ehlo, " "))));
    if (probe.failure)
        facts.add(probe.stage >= starttls::ProbeStage::starttls ? "TLS" : "Session",
                  paint(colour_of(judged.result),
                        conf::escaped(fmt::format("{}: {}", to_string(probe.stage), probe.failure->text))));
    else
        facts.add("TLS",
                  fmt::format("{}, {}, after {} ms{}", probe.protocol, probe.cipher, probe.elapsed.count(),
                              probe.client_certificate_wanted ? ", asks for a client certificate" : ""));
    if (!probe.presented.certificates.empty())
        add_certificate(facts, address, now, paint);
    add_verdict(facts, address, judged, paint);
    const std::string endpoint = address_text(address.address.endpoint);
    const bool has_name = !address.address.host.empty() && !endpoint.starts_with(address.address.host) &&
                          !endpoint.starts_with("[" + address.address.host);
    return fmt::format("{}{}{}: {}\n{}", address_indent, endpoint,
                       has_name ? fmt::format(" ({})", conf::escaped(address.address.host)) : "",
                       paint(colour_of(judged.result), word(judged.result)), facts.text());
}

std::string login_text(const AuthTrial& login, const Paint& paint) {
    using Result = AuthTrial::Result;
    const Colour colour = login.result == Result::accepted  ? Colour::good
                          : login.result == Result::refused ? Colour::bad
                                                            : Colour::doubtful;
    return fmt::format("{}Login: {}{}{}\n", address_indent, paint(colour, word(login.result)),
                       login.mechanism.empty() ? "" : fmt::format(" by {}", login.mechanism),
                       login.text.empty() ? "" : ": " + conf::escaped(login.text));
}

std::string text_of(const TriedHop& tried, std::chrono::sys_seconds now, const Paint& paint) {
    std::string text = fmt::format("  {}: {}\n", conf::escaped(tried.hop.next_hop),
                                   paint(colour_of(tried.judged.result), word(tried.judged.result)));
    // Found, but perhaps not all of them.
    if (!tried.addresses.empty() && !tried.report.resolved.reason.empty())
        text += fmt::format("{}{}\n", address_indent,
                            paint(Colour::doubtful, conf::escaped(tried.report.resolved.reason)));
    if (tried.addresses.empty())
        text += fmt::format("{}{}\n", address_indent, conf::escaped(tried.judged.reason));
    for (std::size_t i = 0; i < tried.addresses.size(); ++i)
        text += text_of(tried.report.addresses[i], tried.addresses[i], now, paint);
    if (tried.login)
        text += login_text(*tried.login, paint);
    return text;
}

} // namespace

Colour colour_of(HopResult result) {
    if (result == HopResult::passes)
        return Colour::good;
    return result == HopResult::fails ? Colour::bad : Colour::doubtful;
}

std::string text_of(const TriedConnector& connector, std::chrono::sys_seconds now, const Paint& paint) {
    std::string text =
        fmt::format("{}\n  TLS {}\n", paint(Colour::strong, conf::escaped(connector.connector->name)),
                    conf::escaped(tls_rule(*connector.connector)));
    for (const std::string& remark : connector.remarks)
        text += fmt::format("  {}\n", paint(Colour::doubtful, conf::escaped(remark)));
    if (connector.failure)
        text += fmt::format("  {}\n", paint(Colour::bad, conf::escaped(to_string(*connector.failure))));
    for (const TriedHop& hop : connector.hops)
        text += text_of(hop, now, paint);
    if (connector.hops.empty() && !connector.failure)
        text += "  no smart hosts: it delivers to the recipients' own hosts; --to DOMAIN tries one of them\n";
    return text;
}

std::string summary_of(const std::vector<TriedConnector>& connectors) {
    std::size_t all = 0;
    std::size_t by_result[3] = {};
    for (const TriedConnector& connector : connectors)
        for (const TriedHop& hop : connector.hops) {
            ++all;
            ++by_result[static_cast<std::size_t>(hop.judged.result)];
        }
    std::vector<std::string> parts;
    const auto add = [&](HopResult result, std::string_view one, std::string_view many) {
        if (const std::size_t number = by_result[static_cast<std::size_t>(result)]; number > 0)
            parts.push_back(all == 1 ? std::string(one)
                                     : fmt::format("{} {}", number, number == 1 ? one : many));
    };
    add(HopResult::passes, "passes", "pass");
    add(HopResult::fails, "fails", "fail");
    add(HopResult::unknown, "could not be judged", "could not be judged");
    return parts.empty() ? "nothing was tried"
                         : fmt::format("{}: {}", counted(all, "next-hop"), fmt::join(parts, ", "));
}

std::vector<std::string> complaints(const std::vector<TriedConnector>& connectors) {
    std::vector<std::string> lines;
    for (const TriedConnector& connector : connectors) {
        const std::string about = fmt::format("connector \"{}\": ", connector.connector->name);
        if (connector.failure)
            lines.push_back(about + to_string(*connector.failure));
        for (const TriedHop& hop : connector.hops)
            if (hop.judged.result != HopResult::passes)
                lines.push_back(
                    fmt::format("{}{} {}: {}", about, hop.hop.next_hop,
                                hop.judged.result == HopResult::fails ? "fails" : "could not be judged",
                                to_string(Error{hop.judged.reason, hop.judged.advice})));
    }
    return lines;
}

} // namespace sendconnector::ctl
