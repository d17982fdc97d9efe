(** * Values of a model at rational points: a sample shows that an argument is not 0 all over a subspace. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance.
Import ListNotations.
Local Open Scope list_scope.

Definition samples := PM.t (PM.t Q).
Definition sample_at (t : samples) (a i : N) : option Q := match get_t t a with Some l => get_t l i | None => None end.
Fixpoint osum {A} (f : A -> option Q) (l : list A) : option Q :=
  match l with
  | [] => Some 0%Q
  | a :: l' => match f a, osum f l' with Some p, Some q => Some (qadd p q) | _, _ => None end
  end.
Fixpoint oprod {A} (f : A -> option Q) (l : list A) : option Q :=
  match l with
  | [] => Some 1%Q
  | a :: l' => match f a, oprod f l' with Some p, Some q => Some (qmul p q) | _, _ => None end
  end.
Fixpoint qpoly (c : list Q) (z : Q) : Q := match c with [] => 0%Q | a :: c' => qadd a (qmul z (qpoly c' z)) end.
(** functions with rational values at rational arguments *)
Definition qapply (d : definition) (z : Q) : option Q :=
  match d with
  | Polynomial c => Some (qpoly c z)
  | Piecewise s t => Some (if Z.leb 0 (Qnum z) then qmul t z else qmul s z)
  | _ => None
  end.

Section Sample.
Variable m : model.
Variable assumptions : list (text * assumption).
Variables th xs : PM.t Q.
Definition qnode (v : samples) (n : node) : N -> option Q :=
  match n with
  | NParameter _ _ | NStack _ _ => fun i => get_t th (leaf_index m n i)
  | NInput _ name => let o := offset (m_inputs m) name in fun i => get_t xs (o + i)
  | NConstant _ values => let tv := tabulate values in fun i => get_t tv i
  | NAdd _ args => fun i => osum (fun a => sample_at v a i) args
  | NContract s args terms out =>
    let shapes := List.map (shape_at m) args in
    let letters := summed terms shapes out in
    let ops := combine args (combine terms shapes) in
    fun i => osum (fun e => oprod (fun at_s => sample_at v (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops)
      (enumerate letters (unflat out s i))
  | NGather _ a ix => let ti := tabulate ix in
    fun i => match get_t ti i with Some (Some k) => sample_at v a k | Some None => Some 0%Q | None => None end
  | NScatter _ a ix => let ti := tabulate ix in let js := nrange (size (shape_at m a)) in
    fun i => osum (fun j => match get_t ti j with Some (Some k) => if N.eqb k i then sample_at v a j else Some 0%Q | Some None => Some 0%Q | None => None end) js
  | NApply _ a f o => fun i =>
    match o, find f assumptions, find f (m_activations m), sample_at v a i with
    | N0, Some Itself, Some d, Some z => qapply d z | _, _, _, _ => None end
  end.
Definition known_entries (f : N -> option Q) (n : N) : PM.t Q :=
  fold_left (fun t i => match f i with Some q => PM.add (N.succ_pos i) q t | None => t end) (nrange n) (PM.empty _).
Fixpoint qrun (nodes : list node) (k : N) (v : samples) : samples :=
  match nodes with
  | [] => v
  | n :: l => qrun l (N.succ k) (PM.add (N.succ_pos k) (known_entries (qnode v n) (size (shape_of n))) v)
  end.
Definition sampled : samples := qrun (m_nodes m) 0 (PM.empty _).
End Sample.

(** *** A point of the subspace, spread over small integers *)
Definition spread (attempt k : N) : Q :=
  let z := (Z.of_N ((k * 7919 + attempt * 104729 + 31) mod 211) - 105)%Z in Qmake (if Z.eqb z 0 then 1 else z) 1.
Definition spread_table (attempt n : N) : PM.t Q :=
  fold_left (fun t i => PM.add (N.succ_pos i) (spread attempt i) t) (nrange n) (PM.empty _).
Definition coordinate (th : PM.t Q) (p : N) : Q := match get_t th p with Some q => q | None => 0%Q end.
Definition tail_value (th : PM.t Q) (l : list (N * Q)) : Q := fold_right (fun e a => qadd (qmul (snd e) (coordinate th (fst e))) a) 0%Q l.
(** the point of the subspace with the free coordinates of [th] *)
Definition completed (L : subspace) (th : PM.t Q) : PM.t Q :=
  fold_left (fun th r => match r_entries r with
    | (p, _) :: l => PM.add (N.succ_pos p) (qadd (r_constant r) (qopp (tail_value th l))) th | [] => th end)
    (s_rows L) th.
Definition point_of (m : model) (L : subspace) (attempt : N) : PM.t Q := completed L (spread_table attempt (dimension m)).
Definition on_subspace (L : subspace) (th : PM.t Q) : bool := forallb (fun r => qeqb (tail_value th (r_entries r)) (r_constant r)) (s_rows L).
Definition inputs_size (m : model) : N := fold_right (fun d n => (size (d_shape d) + n)%N) 0%N (m_inputs m).
Definition sample_on (m : model) (assumptions : list (text * assumption)) (L : subspace) (xs : PM.t Q) (attempt : N) : option samples :=
  let th := point_of m L attempt in
  if on_subspace L th then Some (sampled m assumptions th xs) else None.
Definition sample_of (m : model) (assumptions : list (text * assumption)) (L : subspace) (attempt : N) : option samples :=
  sample_on m assumptions L (spread_table (attempt + 7) (inputs_size m)) attempt.

(** entry [i] of node [a] is not 0 at one of the samples *)
Definition shown_nonzero (ss : list (option samples)) (ai : N * N) : bool :=
  existsb (fun o => match o with
    | Some s => match sample_at s (fst ai) (snd ai) with Some q => negb (qzero q) | None => false end
    | None => false end) ss.

(** ** Soundness *)
Local Open Scope R_scope.
Definition real (t : PM.t Q) : vec := fun p => match PM.find p t with Some q => Q2R q | None => 0 end.
Lemma osum_ok {A} (f : A -> option Q) (g : A -> R) l q : (forall a p, In a l -> f a = Some p -> Q2R p = g a) -> osum f l = Some q -> Q2R q = rsum g l.
Proof.
  revert q. unfold rsum. induction l as [|a l IH]; cbn [osum map fold_right]; intros q H E; [injection E as <-; apply Q2R_0|].
  destruct (f a) as [p|] eqn:Ea; [|easy]. destruct (osum f l) as [p'|]; [|easy]. injection E as <-.
  rewrite qadd_ok, (H a p (or_introl eq_refl) Ea), (IH p'); [reflexivity| |reflexivity]. intros b r Hb. apply H. now right.
Qed.
Lemma oprod_ok {A} (f : A -> option Q) (g : A -> R) l q : (forall a p, f a = Some p -> Q2R p = g a) -> oprod f l = Some q -> Q2R q = rprod g l.
Proof.
  intros H. revert q. unfold rprod. induction l as [|a l IH]; cbn [oprod map fold_right]; intros q E; [injection E as <-; apply Q2R_1|].
  destruct (f a) as [p|] eqn:Ea; [|easy]. destruct (oprod f l) as [p'|]; [|easy]. injection E as <-.
  now rewrite qmul_ok, (H a p Ea), (IH p').
Qed.
Lemma qpoly_ok c z : Q2R (qpoly c z) = polynomial c (Q2R z).
Proof. induction c as [|a c IH]; cbn [qpoly polynomial]; [apply Q2R_0|]. now rewrite qadd_ok, qmul_ok, IH. Qed.
Lemma qsign (z : Q) : if Z.leb 0 (Qnum z) then 0 <= Q2R z else Q2R z < 0.
Proof.
  unfold Q2R. assert (0 < / IZR (Zpos (Qden z))) by (apply Rinv_0_lt_compat, IZR_lt; reflexivity).
  destruct (Z.leb_spec 0 (Qnum z)) as [H0|H0].
  - apply Rmult_le_pos; [now apply IZR_le|now apply Rlt_le].
  - apply IZR_lt in H0. nra.
Qed.
Lemma known_entries_ok (f : N -> option Q) : forall (l : list N) (t : PM.t Q) i q, get_t (fold_left (fun t i => match f i with Some q => PM.add (N.succ_pos i) q t | None => t end) l t) i = Some q ->
  f i = Some q \/ get_t t i = Some q.
Proof.
  induction l as [|j l IH]; cbn [fold_left]; intros t i q H; [now right|]. apply IH in H as [H|H]; [now left|].
  destruct (f j) as [r|] eqn:Ej; [|now right]. unfold get_t in *. destruct (N.eq_dec i j) as [->|D].
  - rewrite PM.gss in H. injection H as ->. now left.
  - rewrite PM.gso in H by (intros K; apply D; now apply succ_pos_inj). now right.
Qed.

Section Sound.
Variable m : model.
Variable assumptions : list (text * assumption).
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Variables th xs : PM.t Q.
Lemma real_entry (t : PM.t Q) p q : get_t t p = Some q -> Q2R q = entry (real t) p.
Proof. unfold get_t, entry, real. now intros ->. Qed.
Lemma qnode_ok s v n i q : (forall a j r, sample_at s a j = Some r -> Q2R r = v a j) -> qnode m assumptions th xs s n i = Some q ->
  Q2R q = node_value m sigma (real th) (real xs) v n i.
Proof.
  intros Hv. destruct n as [sh name|sh names|sh name|sh values|sh args|sh args terms out|sh a ix|sh a ix|sh a f o]; cbn [qnode node_value]; intros H.
  - now apply real_entry.
  - now apply real_entry.
  - now apply real_entry.
  - rewrite tabulate_ok in H. unfold at_. now rewrite (nth_error_nth _ _ _ H).
  - revert H. apply osum_ok. intros a p _. apply Hv.
  - rewrite enumerate_ok. revert H. apply osum_ok. intros e p _. apply oprod_ok. intros at_s r. apply Hv.
  - rewrite tabulate_ok in H. unfold at_. destruct (nth_error ix (N.to_nat i)) as [[k|]|] eqn:E; [| |easy]; rewrite (nth_error_nth _ _ _ E).
    + now apply Hv.
    + injection H as <-. apply Q2R_0.
  - rewrite nrange_ok in H. revert H. apply osum_ok. intros j p _. rewrite tabulate_ok. unfold at_.
    destruct (nth_error ix (N.to_nat j)) as [[k|]|] eqn:E; [| |easy]; rewrite (nth_error_nth _ _ _ E).
    + destruct (N.eqb k i); [apply Hv|]. intros [= <-]. apply Q2R_0.
    + intros [= <-]. apply Q2R_0.
  - destruct o as [|o]; [|easy]. destruct (find f assumptions) as [[|l]|] eqn:E1; [|easy|easy].
    destruct (find f (m_activations m)) as [d|] eqn:E2; [|easy]. destruct (sample_at s a i) as [z|] eqn:E3; [|easy].
    cbn [N.to_nat Derive_n]. assert (Hd := Ha f d (find_in _ _ _ E2)). rewrite E1 in Hd. destruct Hd as (g & Hg & Hs).
    rewrite Hs, <- (Hv _ _ _ E3). destruct d as [c|c|p t|nm]; cbn [qapply function_of] in H, Hg; try discriminate H; injection H as <-; injection Hg as <-.
    + apply qpoly_ok.
    + assert (S := qsign z). destruct (Z.leb 0 (Qnum z)); rewrite qmul_ok; destruct (Rle_dec 0 (Q2R z)); lra.
Qed.
Lemma qrun_ok : forall l k s v, (forall a j r, sample_at s a j = Some r -> Q2R r = v a j) ->
  forall a j r, sample_at (qrun m assumptions th xs l k s) a j = Some r -> Q2R r = run m sigma (real th) (real xs) l k v a j.
Proof.
  induction l as [|n l IH]; cbn [qrun run]; intros k s v Hv; [exact Hv|]. apply IH. intros a j r. unfold sample_at, get_t at 1.
  destruct (N.eqb_spec a k) as [->|D].
  - rewrite PM.gss. intros H. unfold known_entries in H. apply known_entries_ok in H as [H|H]; [now apply (qnode_ok s)|].
    unfold get_t in H. now rewrite PM.gempty in H.
  - rewrite PM.gso by (intros K; apply D; now apply succ_pos_inj). apply Hv.
Qed.
Lemma on_subspace_ok L t : on_subspace L t = true -> in_subspace L (real t).
Proof.
  unfold on_subspace. intros H r Hr. rewrite forallb_forall in H. specialize (H r Hr). apply qeqb_ok in H. rewrite <- H.
  unfold row_of, tail_value, rsum. clear. induction (r_entries r) as [|[p q] l IH]; cbn [map fold_right fst snd]; [symmetry; apply Q2R_0|].
  rewrite qadd_ok, qmul_ok, IH. f_equal. f_equal. unfold entry, real, coordinate, get_t. destruct (PM.find _ t); [reflexivity|symmetry; apply Q2R_0].
Qed.
End Sound.
Theorem sample_on_ok m assumptions sigma L xs attempt s : admissible m assumptions sigma -> sample_on m assumptions L xs attempt = Some s ->
  exists theta, in_subspace L theta /\ forall a i q, sample_at s a i = Some q -> Q2R q = value m sigma theta (real xs) a i.
Proof.
  intros Ha. unfold sample_on. cbv zeta. destruct (on_subspace L _) eqn:E; [|easy]. intros [= <-].
  eexists _. split; [apply on_subspace_ok, E|]. unfold sampled, value. apply qrun_ok; [exact Ha|].
  intros a j r. unfold sample_at, get_t at 1. rewrite PM.gempty. discriminate.
Qed.
Lemma shown_nonzero_at m assumptions sigma L (xs : N -> PM.t Q) attempts a i : admissible m assumptions sigma ->
  shown_nonzero (map (fun k => sample_on m assumptions L (xs k) k) attempts) (a, i) = true ->
  exists k theta, in_subspace L theta /\ value m sigma theta (real (xs k)) a i <> 0.
Proof.
  intros Ha H. unfold shown_nonzero in H. apply existsb_exists in H as (o & Ho & H). apply in_map_iff in Ho as (k & <- & _).
  destruct (sample_on m assumptions L (xs k) k) as [s|] eqn:E; [|easy]. cbn [fst snd] in H.
  destruct (sample_at s a i) as [q|] eqn:Eq; [|easy]. apply negb_true_iff, qzero_false in H.
  destruct (sample_on_ok m assumptions sigma L (xs k) k s Ha E) as (theta & H1 & H2). exists k, theta. split; [exact H1|]. now rewrite <- (H2 _ _ _ Eq).
Qed.
