// SPDX-License-Identifier: Apache-2.0
// Framing: how requests and replies are told apart in a stream, and what a connection has to say by itself.
// One object a connection.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::endpoint {

class Framing {
public:
    enum class Step {
        more,    // the input is used up and no request is complete
        request, // request() holds one; call take() again for the next
        broken,  // the client does not speak this protocol: problem() says why; the connection is of no more
                 // use
    };

    Framing() = default;
    Framing(const Framing&) = delete;
    Framing& operator=(const Framing&) = delete;
    virtual ~Framing() = default;

    // Takes octets from the front of `input`, at most to the end of one request.
    virtual Step take(std::string_view& input) = 0;
    // Valid after Step::request, until the next take(), and no longer than the input that it may lie in.
    virtual std::string_view request() const = 0;
    // Octets of an unfinished request have come.
    virtual bool in_progress() const = 0;
    // What was wrong, with the offending octets made printable.
    virtual std::string problem() const = 0;
    virtual void append_reply(std::string& out, std::string_view reply) const = 0;

    enum class Handled {
        no,     // the server's protocol has the reply
        yes,    // whatever reply there is was put into `out`, framed
        last,   // the same, and then the connection ends
        broken, // as Step::broken
    };
    // The request that was taken last, in a protocol whose connections have a state of their own.
    virtual Handled handle(std::string& /*out*/) { return Handled::no; }
};

} // namespace sendconnector::endpoint
