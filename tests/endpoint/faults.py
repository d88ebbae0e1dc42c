"""The faults of the service: codes, subcodes and their XML."""

from xml.sax.saxutils import escape, quoteattr

from fault_rows import ROWS

FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
F_NS = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
WSMAN_FAULT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
ADDRESSING_FAULT = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault"
TRANSFER_FAULT = "http://schemas.xmlsoap.org/ws/2004/09/transfer/fault"
# By the prefix of the subcode.
ACTIONS = {
    "a": ADDRESSING_FAULT, "x": TRANSFER_FAULT,
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration/fault",
    "e": "http://schemas.xmlsoap.org/ws/2004/08/eventing/fault",
    "b": "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/fault"}
# CIM status and HRESULT of WMI for faults of classes; Windows' newer stack
# answers with these.
WMI_CODES = {"not_found": (6, 0x80041002), "filter": (15, 0x80041017),
             "not_capable": (7, 0x80041024), "cim_value": (13, 0x80041005),
             "cim_parameter": (4, 0x80041008), "class": (5, 0x80041010),
             "namespace": (3, 0x8004100E), "method": (17, 0x80041055),
             "already_exists": (11, 0x80041019),
             "access_denied": (2, 0x80041003)}

# key: (code, SOAP code, subcode, faultDetail name, text)
TABLE = {
    "invalid_xml": (0x80338043, "s:Sender", "w:SchemaValidationError", None,
                    "The request is not well-formed XML."),
    "character_set": (0x8033804C, "s:Sender", "w:EncodingLimit",
                      "CharacterSet",
                      "The character set of the request is not supported."),
    "version_mismatch": (0x8033800D, "s:VersionMismatch", None, None,
                         "Only SOAP 1.2 envelopes are accepted."),
    "invalid_body": (0x80338027, "s:Sender", "w:SchemaValidationError", None,
                     "The SOAP body of the request is invalid."),
    "schema": (0x80338041, "s:Sender", "w:SchemaValidationError", None,
               "The request does not match the schema of the operation."),
    "must_understand": (0x80338010, "s:MustUnderstand", None, None,
                        "A header marked mustUnderstand is not supported."),
    "header_required": (0x80338011, "s:Sender",
                        "a:MessageInformationHeaderRequired", None,
                        "A required addressing header is missing."),
    "header_invalid": (0x8033800F, "s:Sender",
                       "a:InvalidMessageInformationHeader", None,
                       "An addressing header is not valid."),
    "reply_to": (0x80338076, "s:Sender", "w:UnsupportedFeature",
                 "AddressingMode",
                 "Replies go to the anonymous address only."),
    "locale": (0x80338087, "s:Sender", "w:UnsupportedFeature", "Locale",
               "Locale must not be marked mustUnderstand."),
    "data_locale": (0x80338087, "s:Sender", "w:UnsupportedFeature",
                    "DataLocale",
                    "DataLocale must not be marked mustUnderstand."),
    "fragment": (0x80338077, "s:Sender", "w:UnsupportedFeature",
                 "FragmentLevelAccess",
                 "Fragments are not supported on this resource."),
    "min_envelope": (0x8033807E, "s:Sender", "w:EncodingLimit",
                     "MinimumEnvelopeLimit",
                     "MaxEnvelopeSize must be at least 8192."),
    "envelope_value": (0x80338047, "s:Sender", "w:EncodingLimit",
                       "MaxEnvelopeSize",
                       "MaxEnvelopeSize is not an acceptable number."),
    "envelope_exceeded": (0x80338048, "s:Sender", "w:EncodingLimit",
                          "MaxEnvelopeSize",
                          "The reply does not fit into MaxEnvelopeSize."),
    "short_timeout": (0x8033800C, "s:Sender", "w:UnsupportedFeature",
                      "OperationTimeout",
                      "OperationTimeout must be at least 500 ms."),
    "bad_timeout": (0x80338081, "s:Sender", "w:SchemaValidationError",
                    "InvalidTimeout",
                    "OperationTimeout is not a valid duration."),
    "resource_uri": (0x8033803B, "s:Sender", "a:DestinationUnreachable",
                     "InvalidResourceURI",
                     "The resource URI is missing or not known here."),
    "action": (0x80338013, "s:Sender", "a:ActionNotSupported", None,
               "The action is not supported by this resource."),
    "invalid_selectors": (0x8033803D, "s:Sender", "w:InvalidSelectors", None,
                          "The selector set is not valid."),
    "duplicate_selectors": (0x8033805F, "s:Sender", "w:InvalidSelectors",
                            "DuplicateSelectors",
                            "A selector is given more than once."),
    "missing_selectors": (0x8033805A, "s:Sender", "w:InvalidSelectors",
                          "InsufficientSelectors",
                          "The ShellId selector is missing."),
    "shell_gone": (0x8033805B, "s:Sender", "w:InvalidSelectors",
                   "UnexpectedSelectors",
                   "No shell has the identifier of the selector; it was "
                   "closed, it expired, or it never existed."),
    "command_gone": (0x8033805B, "s:Sender", "w:InvalidSelectors",
                     "UnexpectedSelectors",
                     "The shell has no command with this identifier; it has "
                     "ended, or it never existed."),
    "options": (0x80338039, "s:Sender", "w:InvalidOptions", "NotSupported",
                "An option marked MustComply is not supported."),
    "option_value": (0x80338053, "s:Sender", "w:InvalidOptions",
                     "InvalidValue", "The value of an option is not valid."),
    "representation": (0x80338015, "s:Sender", "x:InvalidRepresentation",
                       None, "The body of Create was not understood."),
    "timed_out": (0x80338029, "s:Receiver", "w:TimedOut", None,
                  "The operation did not complete within the time given in "
                  "OperationTimeout."),
    "concurrency": (0x80338032, "s:Sender", "w:Concurrency", None,
                    "The shell is busy with another request of this kind."),
    "code_page": (0x80338140, "s:Receiver", "w:InternalError", None,
                  "The service cannot use the code page asked for."),
    "max_shells": (0x803381A5, "s:Receiver", "w:QuotaLimit", None,
                   "The user has as many shells as MaxShellsPerUser allows."),
    "max_operations": (0x803381A6, "s:Receiver", "w:QuotaLimit", None,
                       "The user has as many operations as "
                       "MaxConcurrentOperationsPerUser allows."),
    "max_commands": (0x803381E9, "s:Receiver", "w:QuotaLimit", None,
                     "The shell has as many commands as "
                     "MaxConcurrentCommandsPerShell allows."),
    "max_processes": (1816, "s:Receiver", "w:InternalError", None,
                      "The shell has as many processes as "
                      "MaxProcessesPerShell allows."),
    "shell_id": (0x803381D5, "s:Sender", "w:InvalidParameter", None,
                 "The ShellId chosen by the client is not a GUID."),
    "shell_conflict": (0x803381D7, "s:Sender", "w:AlreadyExists", None,
                       "The ShellId chosen by the client is in use."),
    "command_id": (0x803381D4, "s:Sender", "w:InvalidParameter", None,
                   "The CommandId chosen by the client is not a GUID."),
    "command_conflict": (0x803381D6, "s:Sender", "w:AlreadyExists", None,
                         "The CommandId chosen by the client is in use."),
    "idle_timeout": (0x803381F2, "s:Sender", "w:InvalidParameter", None,
                     "IdleTimeOut is outside of the range allowed."),
    "receive_in_progress": (0x80338127, "s:Sender", "w:Concurrency", None,
                            "A Receive is already outstanding here."),
    "input_stream": (0x8033818B, "s:Sender", "w:InvalidParameter", None,
                     "The stream is not one of the shell's InputStreams."),
    "output_stream": (0x8033818D, "s:Sender", "w:InvalidParameter", None,
                      "The stream is not one of the shell's OutputStreams."),
    "signal_code": (87, "s:Sender", "w:InvalidParameter", None,
                    "The signal code is not known."),
    "no_disconnect": (0x803381C5, "s:Sender", "w:UnsupportedFeature", None,
                      "Shells of this type cannot be disconnected."),
    "not_disconnected": (0x803381D0, "s:Sender", "w:InvalidParameter", None,
                         "The shell is connected already."),
    "was_disconnected": (0x803381CF, "s:Sender", "w:InvalidParameter", None,
                         "The shell is disconnected already."),
    "disconnected": (0x803381C4, "s:Receiver", "w:InternalError", None,
                     "The shell is disconnected."),
    "other_session": (0x803381C6, "s:Sender", "w:InvalidParameter", None,
                      "The shell was left by another client session."),
    "command_connected": (0x803381D3, "s:Sender", "w:InvalidParameter", None,
                          "The command is connected already."),
    "other_client": (0x803381CD, "s:Sender", "w:InvalidParameter", None,
                     "The shell is connected to another client."),
    "aborted": (995, "s:Receiver", "w:InternalError", None,
                "The operation was aborted because its shell or command was "
                "closed."),
    "chunked": (50, "s:Sender", "w:UnsupportedFeature", None,
                "Shells do not take chunked requests."),
    "file_not_found": (0x80070002, "s:Receiver", "w:InternalError", None,
                       "The program was not found."),
    "bad_directory": (0x8007010B, "s:Receiver", "w:InternalError", None,
                      "The working directory does not exist."),
    "access_denied": (5, "s:Receiver", "w:AccessDenied", None,
                      "Access is denied."),
    "internal": (0x80338083, "s:Receiver", "w:InternalError", None,
                 "The service failed to process the request."),
}
TABLE.update(ROWS)
# Faults that come from the shell plug-in and not from the service itself.
FROM_PLUGIN = {"file_not_found", "bad_directory", "code_page",
               "max_processes"}


class Fault(Exception):
    """A fault to be sent; the key selects a row of TABLE."""

    def __init__(self, key=None, text=None, form=None, **fields):
        super().__init__(key or text)
        code, value, subcode, detail, default = TABLE.get(
            key, (0, "s:Receiver", None, None, "The request failed."))
        self.key = key
        self.code = fields.get("code", code)
        self.value = fields.get("value", value)
        self.subcode = fields.get("subcode", subcode)
        self.detail = fields.get("detail", detail)
        self.text = text or default
        self.form = form or ("provider" if key in FROM_PLUGIN else "wsman")
        self.status = fields.get("status", 27)
        self.action = fields.get("action") or self._action()

    def _action(self):
        prefix = (self.subcode or "").partition(":")[0]
        if self.value in ("s:MustUnderstand", "s:VersionMismatch"):
            prefix = "a"
        return ACTIONS.get(prefix, WSMAN_FAULT)

    def as_wmi(self, kind=None):
        """Become what WMI itself answers, if it has a code for this."""
        status, code = WMI_CODES.get(kind or self.key, (None, None))
        if code:
            self.form, self.status, self.code = "wmi", status, code
        return self

    def body(self, machine):
        """Return the s:Fault element as text."""
        subcode = ""
        if self.subcode:
            subcode = ("<s:Subcode><s:Value>%s</s:Value></s:Subcode>"
                       % escape(self.subcode))
        text = escape(self.text)
        return ("<s:Fault><s:Code><s:Value>%s</s:Value>%s</s:Code>"
                '<s:Reason><s:Text xml:lang="en-US">%s</s:Text></s:Reason>'
                "<s:Detail>%s</s:Detail></s:Fault>"
                % (escape(self.value), subcode, text,
                   self._details(text, machine)))

    def _details(self, text, machine):
        named = ""
        if self.detail:
            named = ("<w:FaultDetail>%s%s</w:FaultDetail>"
                     % (FAULT_DETAIL, escape(self.detail)))
        if self.form == "wmi":
            return named + wmi_error(self.code, text, self.status)
        if self.form == "provider":
            text = ('<f:ProviderFault provider="Shell cmd plugin" '
                    'path="%%systemroot%%\\system32\\winrscmd.dll">%s'
                    "</f:ProviderFault>" % text)
        elif self.form == "nested":
            text = ('<f:ProviderFault provider="Test provider" path="test">'
                    "%s</f:ProviderFault>"
                    % wsman_fault(self.code, machine, text, False))
            return named + wsman_fault(0x80338003, machine, text, True)
        return named + wsman_fault(self.code, machine, text, True)


def wsman_fault(code, machine, message, declare):
    """Return a f:WSManFault element as text; message is XML."""
    declared = ' xmlns:f="%s"' % F_NS if declare else ""
    return ("<f:WSManFault%s Code=\"%d\" Machine=%s><f:Message>%s</f:Message>"
            "</f:WSManFault>" % (declared, code, quoteattr(machine), message))


def wmi_error(code, text, status=27):
    """Return the MSFT_WmiError form of a fault's detail (no WSManFault)."""
    fields = (("CIMStatusCode", status), ("CIMStatusCodeDescription", ""),
              ("ErrorType", 0), ("Message", text),
              ("MessageID", "HRESULT 0x%08x" % code),
              ("PerceivedSeverity", 0), ("ProbableCause", 0),
              ("error_Category", 30), ("error_Code", code),
              ("error_Type", "HRESULT"), ("error_WindowsErrorMessage", text))
    inner = "".join("<p:%s>%s</p:%s>" % (n, v, n) for n, v in fields)
    return ('<p:MSFT_WmiError b:IsCIM_Error="true" '
            'xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/'
            'MSFT_WmiError" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/'
            'cimbinding.xsd">%s</p:MSFT_WmiError>' % inner)
