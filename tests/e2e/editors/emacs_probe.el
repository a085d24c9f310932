;; Runs in a real Emacs (--batch): connects eglot as docs/editors.md says, uses it, and prints what
;; a user would see as one JSON object. -*- lexical-binding: t -*-
(require 'eglot)
(require 'xref)
(require 'json)
(setq eglot-connect-timeout 120 eglot-sync-connect t jsonrpc-default-request-timeout 60)
(load (getenv "PROBE_CONFIG"))

(defun until (what done)
  "Wait until DONE returns something, or fail for WHAT."
  (let ((end (+ (float-time) 120)) found)
    (while (not (setq found (funcall done)))
      (when (> (float-time) end) (error "Waited in vain for %s" what))
      (accept-process-output nil 0.1))
    found))

(defun elsewhere ()
  "Where the selected window is, if it left the function that was asked about."
  (with-current-buffer (window-buffer)
    (when buffer-file-name
      (let ((place (format "%s:%s" (file-name-nondirectory buffer-file-name)
                           (line-number-at-pos))))
        (unless (equal place "dispatch.py:28") place)))))

(find-file (expand-file-name "notify/dispatch.py" (getenv "PROBE_ROOT")))
(python-mode)
(apply #'eglot (eglot--guess-contact))
(let ((server (eglot-current-server)))
  (until "the index"
         (lambda ()
           (let ((answer (jsonrpc-request server :codesearch/search '(:query "parcel"))))
             (and (zerop (length (plist-get answer :notes)))
                  (eq t (plist-get (plist-get answer :completeness) :complete))))))
  (let ((symbols (mapcar (lambda (item)
                           (let ((location (xref-item-location item)))
                             (format "%s:%s" (file-name-nondirectory
                                              (xref-location-group location))
                                     (xref-location-line location))))
                         (xref-backend-apropos 'eglot "how is a retry delayed")))
        (action (progn
                  (goto-char (point-min))
                  (search-forward "def persistently")
                  (car (eglot-code-actions (point) (point)))))
        (own nil) (place nil))
    (codesearch "try again later when the other side is down")
    (setq own (with-current-buffer "*xref*" (buffer-substring-no-properties 1 (point-max))))
    (switch-to-buffer (get-file-buffer (expand-file-name "notify/dispatch.py"
                                                         (getenv "PROBE_ROOT"))))
    (eglot-execute server action)
    (setq place (until "the similar code" #'elsewhere))
    (princ (concat "PROBE " (json-encode `((symbols . ,(vconcat symbols))
                                           (action . ,(plist-get action :title))
                                           (own . ,own) (place . ,place)))
                   "\n"))))
