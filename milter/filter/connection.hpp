// SPDX-License-Identifier: Apache-2.0
// Connection: one client of the milter endpoint. Packets in, which it unpacks and hands to a Session, whose
// answers it puts into packets.
#pragma once

#include "milter/endpoint/framing.hpp"
#include "milter/filter/macros.hpp"
#include "milter/filter/packets.hpp"
#include "milter/filter/session.hpp"
#include "milter/filter/shared.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::filter {

// An exception spoils the message that it came in, and is logged; one while the protocol is negotiated ends
// the connection, and Postfix then does as milter_default_action says.
class Connection final : public endpoint::Framing {
public:
    explicit Connection(std::shared_ptr<Shared> shared) : m_shared(std::move(shared)) {}
    ~Connection() override;

    Step take(std::string_view& input) override;
    // Of no use to anybody else; see handle().
    std::string_view request() const override { return m_packets.data(); }
    bool in_progress() const override { return m_packets.in_progress(); }
    std::string problem() const override;
    void append_reply(std::string& out, std::string_view reply) const override { out += reply; }
    Handled handle(std::string& out) override;

private:
    // Of the negotiation, with which everything begins.
    struct Terms {
        bool silent_headers = false;
        bool silent_body = false;
        bool space_kept = false;
        bool may_edit = false;
    };
    using Strings = std::vector<std::string_view>;

    Handled obey(std::string& out);
    bool negotiate(std::string& out);
    Response mail(const Strings& words);
    Response rcpt(const Strings& words);
    Response end_of_headers();
    Response end_of_message(std::string& out);
    bool header(const Strings& words);
    // `proceed` without a word to say.
    void silent(bool is_silent, std::string& out);
    Handled broken(std::string why);
    void answer(const Response& response, std::string& out);

    std::string_view macro(std::string_view name) const { return m_macros.find(name).value_or(""); }
    Submission submission(const conf::postfix::Facts& facts) const;
    std::string stranger(const conf::postfix::Facts& facts) const;
    Means means() const;
    bool begin_message();
    void end_message();

    std::shared_ptr<Shared> m_shared;
    PacketReader m_packets;
    Macros m_macros;
    Session m_session{Shown{}};
    Terms m_terms;
    std::string m_problem;
    bool m_in_traffic = false;
};

} // namespace sendconnector::filter
