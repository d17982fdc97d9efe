(** * Intrinsic dynamics of products of two matrices in relaxed balance, and the check of intrinsic claims *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Slp Checks Lie Orbit Dimension Upper Orbits.
From SimCert Require Import Gram Injective.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Refute Risk Bounds Ranks Intrinsic.
Import ListNotations.
Local Open Scope list_scope.

(** ** Sums and Gram matrices of polynomials *)
Definition psumn (n : nat) (f : nat -> poly) : poly := psum (map f (seq 0 n)).
Definition gram_poly (r : nat) (W : nat -> nat -> positive) (i k : nat) : poly := psumn r (fun l => pmul (pvar (W i l)) (pvar (W k l))).
(** (A² − λA)_ik − (ZZᵀ)_ik *)
Definition target (n r : nat) (W : nat -> nat -> positive) (zz : nat -> nat -> poly) (lam : Q) (i k : nat) : poly :=
  psum [psumn n (fun t => pmul (gram_poly r W i t) (gram_poly r W t k)); pscal (qopp lam) (gram_poly r W i k); popp (zz i k)].
(** the law as a polynomial, and its value at the point *)
Definition vanishing (laws : list (poly * Q)) (t : N * law) : poly :=
  match nth_error laws (N.to_nat (fst t)) with Some (h, c) => pmul (law_poly (snd t)) (psub h (pcst c)) | None => [] end.
Definition check_identity_of (laws : list (poly * Q)) (e : poly) (l : list (N * law)) : bool := pis0 (psub e (psum (map (vanishing laws) l))).
Definition upper_pairs (n : nat) : list (nat * nat) := flat_map (fun i => map (fun k => (i, k)) (seq i (n - i))) (seq 0 n).
Definition check_identities (n r : nat) (W : nat -> nat -> positive) (zz : nat -> nat -> poly) (lam : Q) (laws : list (poly * Q)) (ids : list (list (N * law))) : bool :=
  same_list (fun ik l => check_identity_of laws (target n r W zz lam (fst ik) (snd ik)) l) (upper_pairs n) ids.
(** (WᵀW − VᵀV)_kl, which the laws keep equal to λ·1 *)
Definition gap (n m : nat) (W V : nat -> nat -> positive) (k l : nat) : poly :=
  psub (psumn n (fun i => pmul (pvar (W i k)) (pvar (W i l)))) (psumn m (fun i => pmul (pvar (V i k)) (pvar (V i l)))).
Definition multiple_of_law (laws : list (poly * Q)) (e : poly) (value : Q) : bool :=
  existsb (fun hc => match e, fst hc with
    | (_, a) :: _, (_, b) :: _ => let c := qred (qmul a (Qinv b)) in pis0 (psub e (pscal c (fst hc))) && qeqb (qmul c (snd hc)) value
    | _, _ => false end) laws.
Definition check_gap (n m r : nat) (W V : nat -> nat -> positive) (lam : Q) (laws : list (poly * Q)) : bool :=
  forallb (fun kl => multiple_of_law laws (gap n m W V (fst kl) (snd kl)) (if Nat.eqb (fst kl) (snd kl) then lam else 0%Q)) (upper_pairs r).
Definition nonpositive (q : Q) : bool := Z.leb (Qnum q) 0.
(** where the end with n rows is determined on the level; [None]: not shown here *)
Definition end_determined (n r : nat) (lam : Q) : bool := nonpositive lam || Nat.leb n r.

Local Open Scope R_scope.
Lemma psumn_ok u n f : peval u (psumn n f) = S_ n (fun i => peval u (f i)).
Proof.
  unfold psumn. rewrite psum_ok, map_map. assert (G : forall n k, lsum (map (fun i => peval u (f i)) (seq k n)) = S_ n (fun i => peval u (f (k + i)%nat))).
  { clear. induction n as [|n IH]; intros k; [reflexivity|]. rewrite S_shift. cbn [seq map]. unfold lsum in *. cbn [fold_right]. rewrite IH, Nat.add_0_r. f_equal.
    apply S_ext. intros i _. now rewrite Nat.add_succ_comm. }
  apply G.
Qed.
Definition at_point (u : vec) (W : nat -> nat -> positive) (i l : nat) : R := u (W i l).
Lemma gram_poly_ok u r W i k : peval u (gram_poly r W i k) = gram r (at_point u W) i k.
Proof. unfold gram_poly. rewrite psumn_ok. apply S_ext. intros l _. now rewrite pmul_ok, !pvar_ok. Qed.
Lemma target_ok u n r W zz lam i k : peval u (target n r W zz lam i k) =
  S_ n (fun t => gram r (at_point u W) i t * gram r (at_point u W) t k) - Q2R lam * gram r (at_point u W) i k - peval u (zz i k).
Proof.
  unfold target. rewrite psum_ok. cbn [map]. unfold lsum. cbn [fold_right]. rewrite psumn_ok, pscal_ok, popp_ok, qopp_ok, gram_poly_ok.
  rewrite (S_ext _ _ (fun t => gram r (at_point u W) i t * gram r (at_point u W) t k)); [ring|]. intros t _. now rewrite pmul_ok, !gram_poly_ok.
Qed.
Definition on_level (laws : list (poly * Q)) (u : vec) : Prop := forall h c, In (h, c) laws -> peval u h = Q2R c.
Lemma vanishing_ok laws u t : on_level laws u -> peval u (vanishing laws t) = 0.
Proof.
  intros L. unfold vanishing. destruct (nth_error laws _) as [[h c]|] eqn:E; [|reflexivity]. rewrite pmul_ok, psub_ok, pcst_ok, (L h c (nth_error_In _ _ E)). ring.
Qed.
Lemma check_identity_of_ok laws u e l : check_identity_of laws e l = true -> on_level laws u -> peval u e = 0.
Proof.
  unfold check_identity_of. intros H L. apply (pis0_ok u) in H. rewrite psub_ok, psum_ok, map_map in H.
  assert (Z : lsum (map (fun t => peval u (vanishing laws t)) l) = 0).
  { clear H. induction l as [|t l IH]; [reflexivity|]. cbn [map]. unfold lsum in *. cbn [fold_right]. rewrite IH, vanishing_ok by exact L. ring. }
  lra.
Qed.
Lemma in_upper_pairs n i k : (i <= k < n)%nat -> In (i, k) (upper_pairs n).
Proof. intros H. apply in_flat_map. exists i. split; [apply in_seq; lia|]. apply in_map_iff. exists k. split; [reflexivity|]. apply in_seq. lia. Qed.
Lemma same_list_in {A B} (f : A -> B -> bool) l l' a : same_list f l l' = true -> In a l -> exists b, f a b = true.
Proof. intros H Ha. apply same_list_ok in H. induction H as [|x y l l' E H IH]; [easy|]. destruct Ha as [->|Ha]; [now exists y|now apply IH]. Qed.
Section End_.
Variables (n m r : nat) (W V : nat -> nat -> positive) (zz : nat -> nat -> poly) (lam : Q) (laws : list (poly * Q)) (ids : list (list (N * law))).
Hypothesis Hids : check_identities n r W zz lam laws ids = true.
Hypothesis Hgap : check_gap n m r W V lam laws = true.
Hypothesis Hend : end_determined n r lam = true.
Hypothesis zz_sym : forall u i k, peval u (zz i k) = peval u (zz k i).
Lemma squares u i k : on_level laws u -> (i < n)%nat -> (k < n)%nat ->
  S_ n (fun t => gram r (at_point u W) i t * gram r (at_point u W) t k) - Q2R lam * gram r (at_point u W) i k = peval u (zz i k).
Proof.
  intros L Hi Hk. assert (G : forall i k, (i <= k < n)%nat -> S_ n (fun t => gram r (at_point u W) i t * gram r (at_point u W) t k) - Q2R lam * gram r (at_point u W) i k = peval u (zz i k)).
  { intros a b Hab. destruct (same_list_in _ _ _ _ Hids (in_upper_pairs n a b Hab)) as (l & Hl). apply (check_identity_of_ok _ u) in Hl; [|exact L].
    cbn [fst snd] in Hl. rewrite target_ok in Hl. lra. }
  destruct (Nat.le_gt_cases i k) as [C|C]; [apply G; lia|]. rewrite zz_sym, <- (G k i) by lia. rewrite (gram_sym r _ i k). f_equal.
  apply S_ext. intros t _. rewrite (gram_sym r _ i t), (gram_sym r _ t k). ring.
Qed.
Lemma gaps u k l : on_level laws u -> (k < r)%nat -> (l < r)%nat ->
  S_ n (fun i => at_point u W i k * at_point u W i l) - S_ m (fun i => at_point u V i k * at_point u V i l) = if Nat.eqb k l then Q2R lam else 0.
Proof.
  intros L Hk Hl. assert (G : forall k l, (k <= l < r)%nat ->
    S_ n (fun i => at_point u W i k * at_point u W i l) - S_ m (fun i => at_point u V i k * at_point u V i l) = if Nat.eqb k l then Q2R lam else 0).
  { intros a b Hab. unfold check_gap in Hgap. rewrite forallb_forall in Hgap. specialize (Hgap _ (in_upper_pairs r a b Hab)). cbn [fst snd] in Hgap.
    unfold multiple_of_law in Hgap. apply existsb_exists in Hgap as ([h c] & Hin & Hc). cbn [fst snd] in Hc.
    assert (E : peval u (gap n m W V a b) = S_ n (fun i => at_point u W i a * at_point u W i b) - S_ m (fun i => at_point u V i a * at_point u V i b)).
    { unfold gap. rewrite psub_ok, !psumn_ok. f_equal; apply S_ext; intros i _; now rewrite pmul_ok, !pvar_ok. }
    rewrite <- E. destruct (gap n m W V a b) as [|[mo x] e']; [easy|]. destruct h as [|[mo' y] h']; [easy|]. cbv zeta in Hc.
    apply andb_prop in Hc as [Hc Hv]. apply (pis0_ok u) in Hc. rewrite psub_ok, pscal_ok, (L _ _ Hin) in Hc. apply qeqb_ok in Hv. rewrite qmul_ok in Hv.
    destruct (Nat.eqb a b); [lra|]. rewrite Q2R_0 in Hv. lra. }
  destruct (Nat.le_gt_cases k l) as [C|C]; [apply G; lia|]. rewrite Nat.eqb_sym, <- (G l k) by lia. f_equal; apply S_ext; intros; ring.
Qed.
Lemma end_below u : on_level laws u -> (0 < Q2R lam) -> forall d, Q2R lam * norm2 n d <= norm2 r (Gram.image n (at_point u W) d).
Proof.
  intros L P. assert (Nr : (n <= r)%nat).
  { unfold end_determined in Hend. apply orb_prop in Hend as [E|E]; [|now apply Nat.leb_le]. exfalso. unfold nonpositive in E. apply Z.leb_le in E.
    unfold Q2R in P. assert (X : 0 < / IZR (Zpos (Qden lam))) by (apply Rinv_0_lt_compat, IZR_lt; reflexivity). assert (Y : IZR (Qnum lam) <= 0) by now apply IZR_le. nra. }
  apply (Gram.square_below n m r (at_point u W) (at_point u V) (Q2R lam) P Nr). intros k l Hk Hl. now apply gaps.
Qed.
Theorem end_unique u u' : on_level laws u -> on_level laws u' -> (forall i k, peval u (zz i k) = peval u' (zz i k)) ->
  forall i k, (i < n)%nat -> (k < n)%nat -> peval u (gram_poly r W i k) = peval u' (gram_poly r W i k).
Proof.
  intros L L' E i k Hi Hk. rewrite !gram_poly_ok.
  assert (Sq : forall i j, (i < n)%nat -> (j < n)%nat ->
    S_ n (fun t => gram r (at_point u W) i t * gram r (at_point u W) t j) - Q2R lam * gram r (at_point u W) i j =
    S_ n (fun t => gram r (at_point u' W) i t * gram r (at_point u' W) t j) - Q2R lam * gram r (at_point u' W) i j)
    by (intros a b Ha Hb; rewrite !squares by assumption; apply E).
  destruct (Rle_lt_dec (Q2R lam) 0) as [C|C].
  - apply (gram_unique n r r (at_point u W) (at_point u' W) (Q2R lam) 0 Sq); auto; intros d; rewrite Rmult_0_l; apply norm2_pos.
  - apply (gram_unique n r r (at_point u W) (at_point u' W) (Q2R lam) (Q2R lam) Sq); auto; [now apply end_below..|]. right. lra.
Qed.
End End_.

(** ** A block: the matrices W (a × r) and V (c × r) of an output of shape a × c *)
Record two_factors := { f_a : nat; f_c : nat; f_r : nat; f_W : nat -> nat -> positive; f_V : nat -> nat -> positive }.
Definition factor_index (m : model) (f : text * bool) (i j : nat) : positive :=
  let o := offset (m_parameters m) (fst f) in
  match declared (m_parameters m) (fst f) with
  | Some [_; q] => N.succ_pos (if snd f : bool then o + N.of_nat j * q + N.of_nat i else o + N.of_nat i * q + N.of_nat j)%N
  | _ => 1%positive
  end.
Definition two_factors_of (m : model) (b : block) : option (two_factors * list (list (N * law))) :=
  match b with
  | Balanced [f; g] ids =>
    match factor_shape m f, factor_shape m g with
    | Some (a, r), Some (_, c) =>
      Some ({| f_a := N.to_nat a; f_c := N.to_nat c; f_r := N.to_nat r; f_W := factor_index m f; f_V := fun j l => factor_index m g l j |}, ids)
    | _, _ => None
    end
  | _ => None
  end.
(** the entries of an output, by rows *)
Fixpoint find_entry (e : N * N) (l : list ((N * N) * poly)) : poly :=
  match l with [] => [] | (e', q) :: l' => if (N.eqb (fst e) (fst e') && N.eqb (snd e) (snd e'))%bool then q else find_entry e l' end.
Definition z_poly (table : list ((N * N) * poly)) (k : N) (c i j : nat) : poly := find_entry (k, N.of_nat (i * c + j)) table.
Definition zz_left (table : list ((N * N) * poly)) (k : N) (c : nat) (i i' : nat) : poly := psumn c (fun j => pmul (z_poly table k c i j) (z_poly table k c i' j)).
Definition zz_right (table : list ((N * N) * poly)) (k : N) (a c : nat) (j j' : nat) : poly := psumn a (fun i => pmul (z_poly table k c i j) (z_poly table k c i j')).
Definition lambda_of (b : two_factors) (th : Checks.qvec) : Q := Orbit.pevalQ th (gap (f_a b) (f_c b) (f_W b) (f_V b) 0 0).
Definition check_block (table : list ((N * N) * poly)) (laws : list (poly * Q)) (th : Checks.qvec) (k : N) (b : two_factors) (ids : list (list (N * law))) : bool :=
  let lam := lambda_of b th in let cut := (f_a b * (f_a b + 1) / 2)%nat in
  (check_gap (f_a b) (f_c b) (f_r b) (f_W b) (f_V b) lam laws && check_gap (f_c b) (f_a b) (f_r b) (f_V b) (f_W b) (qopp lam) laws
  && check_identities (f_a b) (f_r b) (f_W b) (zz_left table k (f_c b)) lam laws (firstn cut ids)
  && check_identities (f_c b) (f_r b) (f_V b) (zz_right table k (f_a b) (f_c b)) (qopp lam) laws (skipn cut ids))%bool.
Definition block_determined (th : Checks.qvec) (b : two_factors) : bool :=
  let lam := lambda_of b th in (end_determined (f_a b) (f_r b) lam && end_determined (f_c b) (f_r b) (qopp lam))%bool.
(** the entry of G that the blocks give, and the indices of an entry *)
Definition expected_metric (blocks : list two_factors) (e e' : N * N) : poly :=
  if N.eqb (fst e) (fst e') then
    match nth_error blocks (N.to_nat (fst e)) with
    | Some b =>
      let i := (N.to_nat (snd e) / f_c b)%nat in let j := (N.to_nat (snd e) mod f_c b)%nat in
      let i' := (N.to_nat (snd e') / f_c b)%nat in let j' := (N.to_nat (snd e') mod f_c b)%nat in
      padd (if Nat.eqb j j' then gram_poly (f_r b) (f_W b) i i' else []) (if Nat.eqb i i' then gram_poly (f_r b) (f_V b) j j' else [])
    | None => []
    end
  else [].
Definition in_range (blocks : list two_factors) (e : N * N) : bool :=
  match nth_error blocks (N.to_nat (fst e)) with
  | Some b => (Nat.ltb (N.to_nat (snd e) / f_c b) (f_a b) && Nat.ltb (N.to_nat (snd e) mod f_c b) (f_c b))%bool | None => false end.
Definition check_metric (M : positive) (table : list ((N * N) * poly)) (blocks : list two_factors) : bool :=
  forallb (fun eq => in_range blocks (fst eq) && forallb (fun eq' =>
    pis0 (psub (psum (map (fun j => pmul (Lie.pderiv j (snd eq)) (Lie.pderiv j (snd eq'))) (Lie.plist M))) (expected_metric blocks (fst eq) (fst eq')))) table)%bool table.
Definition check_blocks (M : positive) (table : list ((N * N) * poly)) (laws : list (poly * Q)) (th : Checks.qvec)
    (blocks : list (two_factors * list (list (N * law)))) : bool :=
  (forallb (fun kb => check_block table laws th (fst kb) (fst (snd kb)) (snd (snd kb))) (combine (nrange (length_n blocks)) blocks)
  && check_metric M table (map fst blocks))%bool.
Definition law_values (laws : list law) (th : Checks.qvec) : list (poly * Q) := map (fun h => (law_poly h, Orbit.pevalQ th (law_poly h))) laws.

Lemma find_entry_equal u u' table : (forall e q, In (e, q) table -> peval u q = peval u' q) -> forall e, peval u (find_entry e table) = peval u' (find_entry e table).
Proof.
  intros H e. induction table as [|[e' q] l IH]; [reflexivity|]. cbn [find_entry]. destruct (_ && _)%bool; [apply (H e'); now left|].
  apply IH. intros e0 q0 H0. apply (H e0). now right.
Qed.
Lemma in_indexed {A} (l : list A) k b : nth_error l (N.to_nat k) = Some b -> In (k, b) (combine (nrange (length_n l)) l).
Proof.
  intros H. rewrite nrange_ok, length_n_ok. unfold upto. rewrite Nat2N.id. assert (G : forall s n, nth_error l n = Some b -> In (N.of_nat (s + n), b) (combine (map N.of_nat (seq s (length l))) l)).
  { clear H. induction l as [|x l IH]; intros s [|n] H; try easy.
    - injection H as ->. left. f_equal. lia.
    - right. specialize (IH (S s) n H). now rewrite Nat.add_succ_comm in IH. }
  specialize (G 0%nat (N.to_nat k) H). cbn [Nat.add] in G. now rewrite N2Nat.id in G.
Qed.
Lemma blocks_metric M table laws th blocks u u' : check_blocks M table laws th blocks = true -> forallb (fun b => block_determined th (fst b)) blocks = true ->
  on_level laws u -> on_level laws u' -> (forall e q, In (e, q) table -> peval u q = peval u' q) ->
  forall e q e' q', In (e, q) table -> In (e', q') table ->
  peval u (psum (map (fun j => pmul (Lie.pderiv j q) (Lie.pderiv j q')) (Lie.plist M))) = peval u' (psum (map (fun j => pmul (Lie.pderiv j q) (Lie.pderiv j q')) (Lie.plist M))).
Proof.
  unfold check_blocks. intros H D L L' E e q e' q' He He'. apply andb_prop in H as [HB HM]. rewrite forallb_forall in HB, D. unfold check_metric in HM.
  rewrite forallb_forall in HM. assert (R1 := HM _ He). assert (R2 := HM _ He'). cbn [fst snd] in R1, R2. apply andb_prop in R1 as [R1 G]. apply andb_prop in R2 as [R2 _].
  rewrite forallb_forall in G. specialize (G _ He'). cbn [fst snd] in G.
  assert (K : forall v, peval v (psum (map (fun j => pmul (Lie.pderiv j q) (Lie.pderiv j q')) (Lie.plist M))) = peval v (expected_metric (map fst blocks) e e')).
  { intros v. apply (pis0_ok v) in G. rewrite psub_ok in G. lra. }
  rewrite !K. clear K G. unfold expected_metric, in_range in *. destruct (N.eqb_spec (fst e) (fst e')) as [Ek|]; [|reflexivity]. rewrite <- Ek in R2.
  rewrite nth_error_map in *. destruct (nth_error blocks (N.to_nat (fst e))) as [[b ids]|] eqn:Eb; [|reflexivity]. cbn [option_map fst] in *.
  apply andb_prop in R1 as [I1%Nat.ltb_lt J1%Nat.ltb_lt]. apply andb_prop in R2 as [I2%Nat.ltb_lt J2%Nat.ltb_lt].
  specialize (HB _ (in_indexed _ _ _ Eb)). cbn [fst snd] in HB. specialize (D _ (nth_error_In _ _ Eb)). cbn [fst] in D.
  unfold check_block in HB. cbv zeta in HB. unfold block_determined in D. cbv zeta in D. apply andb_prop in HB as [[[B1 B2]%andb_prop B3]%andb_prop B4]. apply andb_prop in D as [D1 D2].
  assert (Z : forall i j, peval u (z_poly table (fst e) (f_c b) i j) = peval u' (z_poly table (fst e) (f_c b) i j)) by (intros; apply find_entry_equal; exact E).
  rewrite !padd_ok. f_equal.
  - destruct (Nat.eqb _ _); [|reflexivity].
    refine (end_unique (f_a b) (f_c b) (f_r b) (f_W b) (f_V b) (zz_left table (fst e) (f_c b)) _ laws _ B3 B1 D1 _ u u' L L' _ _ _ I1 I2).
    + intros v i k. unfold zz_left. rewrite !psumn_ok. apply S_ext. intros t _. rewrite !pmul_ok. apply Rmult_comm.
    + intros i k. unfold zz_left. rewrite !psumn_ok. apply S_ext. intros t _. now rewrite !pmul_ok, !Z.
  - destruct (Nat.eqb _ _); [|reflexivity].
    refine (end_unique (f_c b) (f_a b) (f_r b) (f_V b) (f_W b) (zz_right table (fst e) (f_a b) (f_c b)) _ laws _ B4 B2 D2 _ u u' L L' _ _ _ J1 J2).
    + intros v i k. unfold zz_right. rewrite !psumn_ok. apply S_ext. intros t _. rewrite !pmul_ok. apply Rmult_comm.
    + intros i k. unfold zz_right. rewrite !psumn_ok. apply S_ext. intros t _. now rewrite !pmul_ok, !Z.
Qed.

(** ** The check. [None]: a method for products that is not known here *)
Definition check_method (m : model) (assumptions : list (text * assumption)) (laws : list law) (low : N) (p : point) (rank up : N) (w : place) (pr : proof)
    (lie : bounds_proof) : option bool :=
  if negb (factorisation m) then Some false else
  if member_setup m assumptions (b_members lie) then
    match scalar_model true m assumptions with
    | Some (sm, outs) =>
      match entry_polys m sm outs with
      | Some polys =>
        let th := scalar_point m p in
        if check_numbers m assumptions laws low p rank up lie sm outs polys then
          match pr, w with
          | ByRecoverable det _ _ q rows, Near_point => Some (check_recoverable sm polys laws th rows q det)
          | ByProducts blocks _ _, Whole_level =>
            match all_some (two_factors_of m) blocks with
            | Some fs =>
              if (check_blocks (Checks.m_nparams sm) (combine (output_pairs m) polys) (law_values laws th) th fs
                  && has_length (List.concat (map block_factors blocks)) (length_n (m_parameters m)))%bool
              then if forallb (fun b => block_determined th (fst b)) fs then Some true else None else Some false
            | None => None
            end
          | ByProducts _ _ _, Near_point => None
          | _, _ => Some false
          end
        else Some false
      | None => None
      end
    | None => None
    end
  else Some false.
Definition check_intrinsic (m : model) (assumptions : list (text * assumption)) (laws : list law) (low : N) (p : point) (rank up : N) (w : place) (pr : proof) : option bool :=
  match pr with
  | ByRecoverable _ _ lie _ _ | ByProducts _ _ lie => check_method m assumptions laws low p rank up w pr lie
  | _ => None
  end.
Lemma forall2_combine {A B} (P : A -> B -> Prop) l l' a b : Forall2 P l l' -> In (a, b) (combine l l') -> P a b.
Proof. induction 1 as [|x y l l' H F IH]; [easy|]. intros [[= <- <-]|Hin]; auto. Qed.
Lemma forall2_in {A B} (P : A -> B -> Prop) l l' a : Forall2 P l l' -> In a l -> exists b, In (a, b) (combine l l') /\ P a b.
Proof. induction 1 as [|x y l l' H F IH]; [easy|]. intros [->|Hin]; [exists y; split; [now left|exact H]|]. destruct (IH Hin) as (b & K & Q'). exists b. split; [now right|exact Q']. Qed.
Theorem check_intrinsic_sound m assumptions laws low p rank up w pr : check_intrinsic m assumptions laws low p rank up w pr = Some true ->
  claim_holds m assumptions (Intrinsic laws low p rank up w).
Proof.
  intros H. assert (X : exists lie, check_method m assumptions laws low p rank up w pr lie = Some true) by (destruct pr; try discriminate H; eexists; exact H).
  clear H. destruct X as (lie & H). unfold check_method in H. destruct (factorisation m) eqn:Ef; [|easy]. cbn [negb] in H. destruct (member_setup m assumptions (b_members lie)) eqn:H0; [|easy].
  destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Hs; [|easy]. destruct (entry_polys m sm outs) as [polys|] eqn:Hp; [|easy]. cbv zeta in H.
  destruct (check_numbers _ _ _ _ _ _ _ _ _ _ _) eqn:Hn; [|easy].
  destruct (setup_ok _ _ _ H0) as (Hdim & P & Hd & Ha & _).
  destruct (check_numbers_sound m assumptions _ sm outs polys H0 Hs Hp laws low p rank up lie eq_refl Hn) as (N1 & N2 & N3).
  unfold factorisation in Ef. apply andb_prop in Ef as [F1 F2]. cbn [claim_holds]. split; [now destruct (m_inputs m)|]. split.
  { intros f d Hin. rewrite forallb_forall in F2. specialize (F2 _ Hin). cbn [snd] in F2. destruct d; try easy. eexists; reflexivity. }
  exists (member_sigma m (b_members lie)). split; [exact P|]. split; [exact N1|]. split; [exact N2|]. split; [exact N3|].
  destruct pr; try discriminate H; destruct w; try discriminate H.
  - injection H as H. now apply (check_recoverable_sound m assumptions (b_members lie) sm outs polys H0 Hs Hp) in H.
  - destruct (all_some (two_factors_of m) blocks) as [fs|]; [|easy]. destruct (check_blocks _ _ _ _ _) eqn:Hb; [|easy]. cbn [andb] in H.
    destruct (has_length _ _); [|easy]. destruct (forallb _ fs) eqn:Hdet; [|easy]. clear H.
    set (sigma := member_sigma m (b_members lie)) in *.
    assert (Fo := entry_polys_ok m assumptions sm outs Hs sigma Ha polys Hp).
    intros u u' _ _ L L' E k i k' i' O O'.
    assert (Lev : forall v, (forall h, In h laws -> law_value h v = law_value h (point_vector m p)) -> on_level (law_values laws (scalar_point m p)) v).
    { intros v Lv h c Hin. apply in_map_iff in Hin as (h0 & [= <- <-] & Hin). rewrite law_poly_ok, Orbit.pevalQ_ok, law_poly_ok, (Lv h0 Hin).
      unfold scalar_point. now rewrite numbered_ok. }
    apply in_output_pairs in O, O'. destruct (forall2_in _ _ _ _ Fo O) as (q & Hq & K). destruct (forall2_in _ _ _ _ Fo O') as (q' & Hq' & K').
    assert (G := fun v => metric_ok m assumptions sm outs Hs Hdim sigma (k, i) (k', i') q q' v K K'). cbn [fst snd] in G. rewrite !G. unfold metric_poly.
    apply (blocks_metric _ _ _ _ _ u u' Hb Hdet (Lev u L) (Lev u' L')) with (e := (k, i)) (e' := (k', i')); [|exact Hq|exact Hq'].
    intros e g Hg. destruct (forall2_combine _ _ _ _ _ Fo Hg) as (Oe & _ & Eg). rewrite <- !Eg. now apply E.
Qed.
